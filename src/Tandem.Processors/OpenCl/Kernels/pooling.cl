// Pooling of planes. counts: for each output column, how many columns its average counts; row counts follow them.

#define POOL_PARAMETERS                                                                                       \
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,        \
    int channels, int height, int width, int out_height, int out_width,                                       \
    int kernel_h, int kernel_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w, \
    int maximum, IN counts, int counts_offset

static inline floatv pool_merge(floatv a, floatv b, int maximum) { return maximum ? max(a, b) : a + b; }

// Any window on any device: dimension 0 of the grid counts vectors of output columns, 1 output rows, 2 planes.
KERNEL void pool(POOL_PARAMETERS)
{
    int ow = get_global_id(0) * V;
    int oh = get_global_id(1);
    int n = get_global_id(2) / channels;
    int c = get_global_id(2) % channels;
    int count = min(V, out_width - ow);
    float outside = maximum ? -INFINITY : 0.0f;
    XIN plane = x + x_offset + n * x_batch + c * x_channel;
    floatv sum = SPLAT(outside);
    for (int ky = 0; ky < kernel_h; ky++) {
        int h = oh * stride_h - pad_h + ky * dilation_h;
        if (h < 0 || h >= height) {
            continue;
        }
        for (int kx = 0; kx < kernel_w; kx++) {
            int w = ow * stride_w - pad_w + kx * dilation_w;
            sum = pool_merge(sum, X(load_columns)(plane + h * width, w, stride_w, width, outside), maximum);
        }
    }
    if (!maximum) {
        sum /= load_part(counts + counts_offset + ow, count) * counts[counts_offset + out_width + oh];
    }
    Y(store_part)(sum, y + y_offset + n * y_batch + c * y_channel + oh * out_width + ow, count);
}

#if CPU
// Rows of at most ROW_LIMIT columns with their padding: rows of the window are merged first, in a padded row of its own, then
// columns. Dimension 0 counts groups of output rows, 1 planes.
#define ROW_LIMIT 4096

KERNEL void pool_rows(POOL_PARAMETERS, int x_end, int rows_per_item)
{
    float row[ROW_LIMIT];
    int n = get_global_id(1) / channels;
    int c = get_global_id(1) % channels;
    int start = x_offset + n * x_batch + c * x_channel;
    OUT plane = y + y_offset + n * y_batch + c * y_channel;
    float outside = maximum ? -INFINITY : 0.0f;
    int padded = (out_width + V - 1) / V * V * stride_w + (kernel_w - 1) * dilation_w + V;
    for (int j = 0; j < pad_w; j++) {
        row[j] = outside;
    }
    int oh = get_global_id(0) * rows_per_item;
    int last = min(oh + rows_per_item, out_height);
    for (; oh < last; oh++) {
        int top = oh * stride_h - pad_h;
        for (int w = 0; w < width; w += V) {
            floatv sum = SPLAT(outside);
            for (int ky = 0; ky < kernel_h; ky++) {
                int h = top + ky * dilation_h;
                if (h >= 0 && h < height) {
                    int at = start + h * width + w;
                    floatv v = at + V <= x_end ? LOADV(x + at) : load_part(x + at, width - w);
                    sum = pool_merge(sum, v, maximum);
                }
            }
            STOREV(sum, row + pad_w + w);
        }
        for (int j = pad_w + width; j < padded; j += V) {
            STOREV(SPLAT(outside), row + j);
        }
        for (int ow = 0; ow < out_width; ow += V) {
            floatv sum = SPLAT(outside);
            for (int kx = 0; kx < kernel_w; kx++) {
                const float* p = row + ow * stride_w + kx * dilation_w;
                floatv v;
                if (stride_w == 1) {
                    v = LOADV(p);
                } else if (stride_w == 2) {
                    v = (float16)(vload16(0, p).even, vload16(0, p + 15).odd);
                } else {
                    float lanes[V];
                    for (int i = 0; i < V; i++) {
                        lanes[i] = p[i * stride_w];
                    }
                    v = LOADV(lanes);
                }
                sum = pool_merge(sum, v, maximum);
            }
            int count = min(V, out_width - ow);
            if (!maximum) {
                sum /= load_part(counts + counts_offset + ow, count) * counts[counts_offset + out_width + oh];
            }
            store_part(sum, plane + oh * out_width + ow, count);
        }
    }
}
#endif
