// Direct and depthwise convolutions for GPUs. A work-item makes CHANNELS output channels (one of a depthwise convolution) and ROWS x
// COLUMNS outputs of each; neighbouring items make neighbouring columns, so an item's columns lie as far apart as there are
// items. Work-groups may reach past the output. Arguments as in convolution.cl.

// Items along the columns of the output, which lie so far apart for one item.
#define ITEM_COLUMNS ((out_width + COLUMNS - 1) / COLUMNS)

#define FINISH(SUM, CHANNEL, OH, OW)                                                                                   \
    do {                                                                                                               \
        float value = (SUM);                                                                                           \
        int at = (OH) * out_width + (OW);                                                                              \
        if (residual_offset >= 0) {                                                                                    \
            value += Z(get)(residual, residual_offset + n * r_batch + (CHANNEL) * r_channel + at);                     \
        }                                                                                                              \
        Y(put)(activate(value, activation, a, b), y, y_offset + n * y_batch + (CHANNEL) * y_channel + at);             \
    } while (0)

#define ARGUMENTS                                                                                                      \
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,                 \
    WIN weight, int weight_offset, IN bias, int bias_offset, ZIN residual, int residual_offset, int r_batch, int r_channel

#define WINDOW                                                                                                         \
    int height, int width, int out_height, int out_width,                                                              \
    int kernel_h, int kernel_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w,      \
    int activation, float a, float b

// Weights are packed as [group][tile of channels][input channel][kernel row][kernel column][CHANNELS]; bias as [group][tile][CHANNELS].
__kernel void gpu_direct(ARGUMENTS, int groups, int group_tiles, int group_in, int group_out, WINDOW)
{
    int ow = get_global_id(0), oh = get_global_id(1);
    if (ow >= ITEM_COLUMNS || oh >= out_height) {
        return;
    }
    int tile = get_global_id(2) % (groups * group_tiles), n = get_global_id(2) / (groups * group_tiles);
    int group = tile / group_tiles;
    XIN px = x + x_offset + n * x_batch + group * group_in * x_channel;
    WIN pw = weight + weight_offset + tile * group_in * kernel_h * kernel_w * CHANNELS;
    float sums[COLUMNS][CHANNELS];
    for (int i = 0; i < COLUMNS; i++) {
        for (int t = 0; t < CHANNELS; t++) {
            sums[i][t] = bias[bias_offset + tile * CHANNELS + t];
        }
    }
    for (int c = 0; c < group_in; c++) {
        for (int ky = 0; ky < kernel_h; ky++) {
            int h = oh * stride_h - pad_h + ky * dilation_h;
            XIN row = px + c * x_channel + h * width;
            WIN w = pw + (c * kernel_h + ky) * kernel_w * CHANNELS;
            for (int kx = 0; kx < kernel_w && h >= 0 && h < height; kx++) {
                for (int i = 0; i < COLUMNS; i++) {
                    int column = (ow + i * ITEM_COLUMNS) * stride_w - pad_w + kx * dilation_w;
                    float v = column >= 0 && column < width ? X(get)(row, column) : 0.0f;
                    for (int t = 0; t < CHANNELS; t++) {
                        sums[i][t] = fma(v, W(get)(w, kx * CHANNELS + t), sums[i][t]);
                    }
                }
            }
        }
    }
    int first = (tile % group_tiles) * CHANNELS;
    int channels = min(CHANNELS, group_out - first);
    for (int i = 0; i < COLUMNS; i++) {
        int at_column = ow + i * ITEM_COLUMNS;
        for (int t = 0; t < channels && at_column < out_width; t++) {
            FINISH(sums[i][t], group * group_out + first + t, oh, at_column);
        }
    }
}

// One input channel for each output channel (or for each of multiplier ones); weights as ONNX stores them.
__kernel void gpu_depthwise(ARGUMENTS, int channels, int multiplier, WINDOW)
{
    int ow = get_global_id(0), first_row = get_global_id(1) * ROWS;
    if (ow >= ITEM_COLUMNS || first_row >= out_height) {
        return;
    }
    int c = get_global_id(2) % channels, n = get_global_id(2) / channels;
    XIN plane = x + x_offset + n * x_batch + (c / multiplier) * x_channel;
    WIN pw = weight + weight_offset + c * kernel_h * kernel_w;
    for (int r = 0; r < ROWS && first_row + r < out_height; r++) {
        int oh = first_row + r;
        float sums[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            sums[i] = bias[bias_offset + c];
        }
        for (int ky = 0; ky < kernel_h; ky++) {
            int h = oh * stride_h - pad_h + ky * dilation_h;
            for (int kx = 0; kx < kernel_w && h >= 0 && h < height; kx++) {
                float w = W(get)(pw, ky * kernel_w + kx);
                for (int i = 0; i < COLUMNS; i++) {
                    int column = (ow + i * ITEM_COLUMNS) * stride_w - pad_w + kx * dilation_w;
                    sums[i] = fma(column >= 0 && column < width ? X(get)(plane, h * width + column) : 0.0f, w, sums[i]);
                }
            }
        }
        for (int i = 0; i < COLUMNS; i++) {
            int at_column = ow + i * ITEM_COLUMNS;
            if (at_column < out_width) {
                FINISH(sums[i], c, oh, at_column);
            }
        }
    }
}
