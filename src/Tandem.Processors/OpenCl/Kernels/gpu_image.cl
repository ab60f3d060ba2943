// Convolutions of one group for GPUs whose texture cache is beside that of buffers: weights are read from an image. A work-item makes
// QUADS x 4 output channels of COLUMNS columns; an item's columns lie as far apart as there are items. Otherwise as gpu_direct.cl.

#define QUADS (CHANNELS / 4)
#define ITEM_COLUMNS ((out_width + COLUMNS - 1) / COLUMNS)

__constant sampler_t PIXELS = CLK_NORMALIZED_COORDS_FALSE | CLK_ADDRESS_NONE | CLK_FILTER_NEAREST;

// Column k of the image holds the weights of input channel, kernel row and kernel column k; row q of it those of output channels
// 4 q to 4 q + 3. Bias as [tile][CHANNELS].
__kernel void gpu_image(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,
    __read_only image2d_t weight, IN bias, int bias_offset, ZIN residual, int residual_offset, int r_batch, int r_channel,
    int tiles, int inputs, int outputs, int height, int width, int out_height, int out_width,
    int kernel_h, int kernel_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w,
    int activation, float a, float b)
{
    int ow = get_global_id(0), oh = get_global_id(1);
    if (ow >= ITEM_COLUMNS || oh >= out_height) {
        return;
    }
    int tile = get_global_id(2) % tiles, n = get_global_id(2) / tiles;
    XIN px = x + x_offset + n * x_batch;
    float4 sums[COLUMNS][QUADS];
    for (int i = 0; i < COLUMNS; i++) {
        for (int q = 0; q < QUADS; q++) {
            sums[i][q] = vload4(tile * QUADS + q, bias + bias_offset);
        }
    }
    for (int c = 0; c < inputs; c++) {
        for (int ky = 0; ky < kernel_h; ky++) {
            int h = oh * stride_h - pad_h + ky * dilation_h;
            XIN row = px + c * x_channel + h * width;
            for (int kx = 0; kx < kernel_w && h >= 0 && h < height; kx++) {
                float4 w[QUADS];
                for (int q = 0; q < QUADS; q++) {
                    w[q] = read_imagef(weight, PIXELS, (int2)((c * kernel_h + ky) * kernel_w + kx, tile * QUADS + q));
                }
                for (int i = 0; i < COLUMNS; i++) {
                    int column = (ow + i * ITEM_COLUMNS) * stride_w - pad_w + kx * dilation_w;
                    float v = column >= 0 && column < width ? X(get)(row, column) : 0.0f;
                    for (int q = 0; q < QUADS; q++) {
                        sums[i][q] = fma((float4)(v), w[q], sums[i][q]);
                    }
                }
            }
        }
    }
    for (int i = 0; i < COLUMNS; i++) {
        int at_column = ow + i * ITEM_COLUMNS;
        for (int q = 0; q < QUADS && at_column < out_width; q++) {
            float each[4];
            vstore4(sums[i][q], 0, each);
            int first = (tile * QUADS + q) * 4, at = oh * out_width + at_column;
            for (int t = 0; t < 4 && first + t < outputs; t++) {
                float value = each[t];
                if (residual_offset >= 0) {
                    value += Z(get)(residual, residual_offset + n * r_batch + (first + t) * r_channel + at);
                }
                Y(put)(activate(value, activation, a, b), y, y_offset + n * y_batch + (first + t) * y_channel + at);
            }
        }
    }
}
