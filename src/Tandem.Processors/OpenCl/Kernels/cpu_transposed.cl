// Transposed convolutions on CPU devices are stride_h * stride_w ordinary ones, phases, which make every stride-th row and column.

// Puts the phases together: phase ph * stride_w + pw has rows ph, ph + stride_h, ... and columns pw, pw + stride_w, ... of the
// output. Phases are channels of x, one phase's channels after the other's. Dimension 0 of the grid counts channels, 1 images.
KERNEL void interleave_phases(
    IN x, int x_offset, int x_batch, int x_channel, OUT y, int y_offset, int y_batch, int y_channel,
    int channels, int phase_width, int out_height, int out_width, int stride_h, int stride_w)
{
    int c = get_global_id(0), n = get_global_id(1);
    IN phases = x + x_offset + n * x_batch + c * x_channel;
    OUT plane = y + y_offset + n * y_batch + c * y_channel;
    int phase_size = channels * x_channel;
    for (int h = 0; h < out_height; h++) {
        IN row = phases + h % stride_h * stride_w * phase_size + h / stride_h * phase_width;
        OUT to = plane + h * out_width;
        if (stride_w != 2) {
            for (int p = 0; p < stride_w; p++) {
                for (int w = p, i = 0; w < out_width; w += stride_w, i++) {
                    to[w] = row[p * phase_size + i];
                }
            }
            continue;
        }
        for (int w = 0; w < out_width; w += 32) {
            uint lanes = lanes_inside(w / 2, phase_width, 16);
            float16 even = load_lanes16(row + w / 2, lanes);
            float16 odd = load_lanes16(row + phase_size + w / 2, lanes);
            float16 first = __builtin_shufflevector(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            float16 second = __builtin_shufflevector(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            store_lanes16(first, to + w, lanes_inside(w, out_width, 16));
            store_lanes16(second, to + w + 16, lanes_inside(w + 16, out_width, 16));
        }
    }
}
