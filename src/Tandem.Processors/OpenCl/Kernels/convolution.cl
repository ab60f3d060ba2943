// Direct convolutions of any stride, padding, dilation and group: right on every device, and the fallback of the faster ones.
// TILE: output channels that a work-item makes. Residual_offset below zero means no residual.

#define TILE (CPU ? 8 : 4)

// Weights are packed as [group][tile of channels][input channel][kernel row][kernel column][TILE]; bias as [group][tile][TILE].
KERNEL void direct_convolution(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,
    WIN weight, int weight_offset, IN bias, int bias_offset, ZIN residual, int residual_offset, int r_batch, int r_channel,
    int groups, int group_tiles, int group_in, int group_out, int height, int width, int out_height, int out_width,
    int kernel_h, int kernel_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w,
    int activation, float a, float b)
{
    int ow = get_global_id(0) * V;
    int oh = get_global_id(1);
    int tile = get_global_id(2) % (groups * group_tiles);
    int n = get_global_id(2) / (groups * group_tiles);
    int group = tile / group_tiles;
    XIN px = x + x_offset + n * x_batch + group * group_in * x_channel;
    WIN pw = weight + weight_offset + tile * group_in * kernel_h * kernel_w * TILE;
    IN pb = bias + bias_offset + tile * TILE;
    floatv sums[TILE];
    for (int t = 0; t < TILE; t++) {
        sums[t] = SPLAT(pb[t]);
    }
    for (int c = 0; c < group_in; c++) {
        for (int ky = 0; ky < kernel_h; ky++) {
            int h = oh * stride_h - pad_h + ky * dilation_h;
            if (h < 0 || h >= height) {
                continue;
            }
            XIN row = px + c * x_channel + h * width;
            WIN w = pw + (c * kernel_h + ky) * kernel_w * TILE;
            for (int kx = 0; kx < kernel_w; kx++) {
                floatv v = X(load_columns)(row, ow * stride_w - pad_w + kx * dilation_w, stride_w, width, 0.0f);
                for (int t = 0; t < TILE; t++) {
                    sums[t] = fma(v, SPLAT(W(get)(w, kx * TILE + t)), sums[t]);
                }
            }
        }
    }
    int first = (tile % group_tiles) * TILE;
    int channels = min(TILE, group_out - first);
    int channel = group * group_out + first;
    int columns = min(V, out_width - ow);
    int at = oh * out_width + ow;
    for (int t = 0; t < channels; t++) {
        floatv v = sums[t];
        if (residual_offset >= 0) {
            v += Z(load_strided)(residual + residual_offset + n * r_batch + (channel + t) * r_channel + at, 1, columns);
        }
        Y(store_part)(activate(v, activation, a, b), y + y_offset + n * y_batch + (channel + t) * y_channel + at, columns);
    }
}

// One input channel for each output channel (or for each of multiplier ones); weights as ONNX stores them.
KERNEL void depthwise_convolution(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,
    WIN weight, int weight_offset, IN bias, int bias_offset, ZIN residual, int residual_offset, int r_batch, int r_channel,
    int channels, int multiplier, int rows_per_item, int height, int width, int out_height, int out_width,
    int kernel_h, int kernel_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w,
    int activation, float a, float b)
{
    int c = get_global_id(2) % channels;
    int n = get_global_id(2) / channels;
    XIN plane = x + x_offset + n * x_batch + (c / multiplier) * x_channel;
    WIN pw = weight + weight_offset + c * kernel_h * kernel_w;
    YOUT py = y + y_offset + n * y_batch + c * y_channel;
    floatv start = SPLAT(bias[bias_offset + c]);
    int oh = get_global_id(1) * rows_per_item;
    int last = min(oh + rows_per_item, out_height);
    int ow = get_global_id(0) * V;
    int columns = min(V, out_width - ow);
    for (; oh < last; oh++) {
        floatv sum = start;
        for (int ky = 0; ky < kernel_h; ky++) {
            int h = oh * stride_h - pad_h + ky * dilation_h;
            if (h < 0 || h >= height) {
                continue;
            }
            for (int kx = 0; kx < kernel_w; kx++) {
                floatv v = X(load_columns)(plane + h * width, ow * stride_w - pad_w + kx * dilation_w, stride_w, width, 0.0f);
                sum = fma(v, SPLAT(W(get)(pw, ky * kernel_w + kx)), sum);
            }
        }
        int at = oh * out_width + ow;
        if (residual_offset >= 0) {
            sum += Z(load_strided)(residual + residual_offset + n * r_batch + c * r_channel + at, 1, columns);
        }
        Y(store_part)(activate(sum, activation, a, b), py + at, columns);
    }
}

// Transposed convolution, gathered: each output element sums the inputs that reach it. A work-item makes columns that lie
// stride_w apart, which read neighbouring columns. Weights and bias are packed as for the direct convolution.
KERNEL void transposed_convolution(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,
    WIN weight, int weight_offset, IN bias, int bias_offset,
    int groups, int group_tiles, int group_in, int group_out, int height, int width, int out_height, int out_width,
    int kernel_h, int kernel_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w,
    int activation, float a, float b)
{
    int phase = get_global_id(0) % stride_w;
    int ow = get_global_id(0) / stride_w * V * stride_w + phase;
    int oh = get_global_id(1);
    int tile = get_global_id(2) % (groups * group_tiles);
    int n = get_global_id(2) / (groups * group_tiles);
    int group = tile / group_tiles;
    XIN px = x + x_offset + n * x_batch + group * group_in * x_channel;
    WIN pw = weight + weight_offset + tile * group_in * kernel_h * kernel_w * TILE;
    IN pb = bias + bias_offset + tile * TILE;
    int count = min(V, (out_width - ow + stride_w - 1) / stride_w);
    if (count <= 0) {
        return;
    }
    floatv sums[TILE];
    for (int t = 0; t < TILE; t++) {
        sums[t] = SPLAT(pb[t]);
    }
    for (int ky = 0; ky < kernel_h; ky++) {
        int up = oh + pad_h - ky * dilation_h;
        if (up < 0 || up % stride_h != 0 || up / stride_h >= height) {
            continue;
        }
        for (int kx = 0; kx < kernel_w; kx++) {
            int left = ow + pad_w - kx * dilation_w;
            if (((left % stride_w) + stride_w) % stride_w != 0) {
                continue;
            }
            int column = left >= 0 ? left / stride_w : -(-left / stride_w);
            XIN row = px + (up / stride_h) * width;
            WIN w = pw + (ky * kernel_w + kx) * TILE;
            for (int c = 0; c < group_in; c++) {
                floatv v = X(load_columns)(row + c * x_channel, column, 1, width, 0.0f);
                for (int t = 0; t < TILE; t++) {
                    sums[t] = fma(v, SPLAT(W(get)(w, c * kernel_h * kernel_w * TILE + t)), sums[t]);
                }
            }
        }
    }
    int first = (tile % group_tiles) * TILE;
    int channels = min(TILE, group_out - first);
    YOUT py = y + y_offset + n * y_batch + (group * group_out + first) * y_channel + oh * out_width + ow;
    for (int t = 0; t < channels; t++) {
        Y(store_strided)(activate(sums[t], activation, a, b), py + t * y_channel, stride_w, count);
    }
}
