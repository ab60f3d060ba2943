// Pooling of planes: dimension 0 of the grid counts vectors of output columns, 1 output rows, 2 planes.

KERNEL void max_pool(
    IN x, int x_offset, int x_batch, int x_channel, OUT y, int y_offset, int y_batch, int y_channel,
    int channels, int height, int width, int out_height, int out_width,
    int kernel_h, int kernel_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w)
{
    int ow = get_global_id(0) * V;
    int oh = get_global_id(1);
    int n = get_global_id(2) / channels;
    int c = get_global_id(2) % channels;
    IN plane = x + x_offset + n * x_batch + c * x_channel;
    floatv best = SPLAT(-INFINITY);
    for (int ky = 0; ky < kernel_h; ky++) {
        int h = oh * stride_h - pad_h + ky * dilation_h;
        if (h < 0 || h >= height) {
            continue;
        }
        for (int kx = 0; kx < kernel_w; kx++) {
            int w = ow * stride_w - pad_w + kx * dilation_w;
            best = max(best, load_columns(plane + h * width, w, stride_w, width, -INFINITY));
        }
    }
    OUT py = y + y_offset + n * y_batch + c * y_channel + oh * out_width + ow;
    store_part(best, py, min(V, out_width - ow));
}

// include_pad: 1 counts padded columns and rows (up to the end of the padding, extent_h and extent_w) as zeros.
KERNEL void average_pool(
    IN x, int x_offset, int x_batch, int x_channel, OUT y, int y_offset, int y_batch, int y_channel,
    int channels, int height, int width, int out_height, int out_width,
    int kernel_h, int kernel_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w,
    int include_pad, int end_h, int end_w)
{
    int ow = get_global_id(0) * V;
    int oh = get_global_id(1);
    int n = get_global_id(2) / channels;
    int c = get_global_id(2) % channels;
    IN plane = x + x_offset + n * x_batch + c * x_channel;
    floatv sum = SPLAT(0.0f);
    int rows = 0;
    for (int ky = 0; ky < kernel_h; ky++) {
        int h = oh * stride_h - pad_h + ky * dilation_h;
        bool inside = h >= 0 && h < height;
        rows += include_pad ? h < end_h : inside;
        if (!inside) {
            continue;
        }
        for (int kx = 0; kx < kernel_w; kx++) {
            int w = ow * stride_w - pad_w + kx * dilation_w;
            sum += load_columns(plane + h * width, w, stride_w, width, 0.0f);
        }
    }
    int count = min(V, out_width - ow);
    float lanes[V];
    STOREV(sum, lanes);
    OUT py = y + y_offset + n * y_batch + c * y_channel + oh * out_width + ow;
    for (int i = 0; i < count; i++) {
        int columns = 0;
        for (int kx = 0; kx < kernel_w; kx++) {
            int w = (ow + i) * stride_w - pad_w + kx * dilation_w;
            columns += include_pad ? w < end_w : w >= 0 && w < width;
        }
        py[i] = lanes[i] / (float)max(rows * columns, 1);
    }
}
