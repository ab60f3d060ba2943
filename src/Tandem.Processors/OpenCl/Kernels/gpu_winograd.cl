// The transforms of Winograd's F(OUTPUTS x OUTPUTS, 3 x 3) for GPUs, OUTPUTS being 2 or 4; one work-item for each tile and channel.
// Between them lies a product for each of POINTS x POINTS points (gpu_product.cl). The points are 0, 1, -1 and infinity, or
// 0, +-sqrt(1/2), +-sqrt(2) and infinity, as in ToomCook.cs.
// Transformed inputs lie as [group][point][channel][tile], products as [group][point][channel][tile]; tiles: of all images.

#define POINTS (OUTPUTS + 2)

// B^T d: values at the points times the distances that the weights were divided by.
static inline void to_points(const float* d, float* v)
{
#if OUTPUTS == 2
    v[0] = d[2] - d[0];
    v[1] = d[2] + d[1];
    v[2] = d[2] - d[1];
    v[3] = d[3] - d[1];
#else
    const float a = 0.70710678118654752f, b = 1.4142135623730950f;
    float even = d[4] - 2.0f * d[2], odd = a * d[3] - b * d[1];
    float even2 = d[4] - 0.5f * d[2], odd2 = b * d[3] - a * d[1];
    v[0] = d[0] - 2.5f * d[2] + d[4];
    v[1] = even + odd;
    v[2] = even - odd;
    v[3] = even2 + odd2;
    v[4] = even2 - odd2;
    v[5] = d[1] - 2.5f * d[3] + d[5];
#endif
}

// A^T m: the outputs.
static inline void from_points(const float* m, float* y)
{
#if OUTPUTS == 2
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] + m[3];
#else
    const float a = 0.70710678118654752f, b = 1.4142135623730950f;
    float near_sum = m[1] + m[2], near_difference = m[1] - m[2], far_sum = m[3] + m[4], far_difference = m[3] - m[4];
    y[0] = m[0] + near_sum + far_sum;
    y[1] = a * near_difference + b * far_difference;
    y[2] = 0.5f * near_sum + 2.0f * far_sum;
    y[3] = 0.5f * a * near_difference + 2.0f * b * far_difference + m[5];
#endif
}

__kernel void transform_input(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT v, int v_offset,
    int group_in, int height, int width, int pad_h, int pad_w, int tile_rows, int tile_columns, int tiles)
{
    int tile = get_global_id(0), channel = get_global_id(1);
    if (tile >= tiles) {
        return;
    }
    int image = tile / (tile_rows * tile_columns), place = tile % (tile_rows * tile_columns);
    int top = place / tile_columns * OUTPUTS - pad_h, left = place % tile_columns * OUTPUTS - pad_w;
    XIN plane = x + x_offset + image * x_batch + channel * x_channel;
    float rows[POINTS][POINTS];
    for (int r = 0; r < POINTS; r++) {
        float d[POINTS];
        bool inside = top + r >= 0 && top + r < height;
        for (int c = 0; c < POINTS; c++) {
            d[c] = inside && left + c >= 0 && left + c < width ? X(get)(plane, (top + r) * width + left + c) : 0.0f;
        }
        to_points(d, rows[r]);
    }
    int group = channel / group_in;
    YOUT pv = v + v_offset + ((group * POINTS * POINTS) * group_in + channel % group_in) * tiles + tile;
    for (int c = 0; c < POINTS; c++) {
        float d[POINTS], points[POINTS];
        for (int r = 0; r < POINTS; r++) {
            d[r] = rows[r][c];
        }
        to_points(d, points);
        for (int r = 0; r < POINTS; r++) {
            Y(put)(points[r], pv, (r * POINTS + c) * group_in * tiles);
        }
    }
}

__kernel void transform_output(
    XIN m, int m_offset, YOUT y, int y_offset, int y_batch, int y_channel,
    IN bias, int bias_offset, ZIN residual, int residual_offset, int r_batch, int r_channel,
    int group_out, int out_height, int out_width, int tile_rows, int tile_columns, int tiles, int activation, float a, float b)
{
    int tile = get_global_id(0), channel = get_global_id(1);
    if (tile >= tiles) {
        return;
    }
    int group = channel / group_out;
    XIN pm = m + m_offset + ((group * POINTS * POINTS) * group_out + channel % group_out) * tiles + tile;
    float rows[POINTS][OUTPUTS];
    for (int r = 0; r < POINTS; r++) {
        float points[POINTS];
        for (int c = 0; c < POINTS; c++) {
            points[c] = X(get)(pm, (r * POINTS + c) * group_out * tiles);
        }
        from_points(points, rows[r]);
    }
    int image = tile / (tile_rows * tile_columns), place = tile % (tile_rows * tile_columns);
    int top = place / tile_columns * OUTPUTS, left = place % tile_columns * OUTPUTS;
    for (int c = 0; c < OUTPUTS && left + c < out_width; c++) {
        float points[POINTS], outputs[OUTPUTS];
        for (int r = 0; r < POINTS; r++) {
            points[r] = rows[r][c];
        }
        from_points(points, outputs);
        for (int r = 0; r < OUTPUTS && top + r < out_height; r++) {
            int at = (top + r) * out_width + left + c;
            float sum = outputs[r] + bias[bias_offset + channel];
            if (residual_offset >= 0) {
                sum += Z(get)(residual, residual_offset + image * r_batch + channel * r_channel + at);
            }
            Y(put)(activate(sum, activation, a, b), y, y_offset + image * y_batch + channel * y_channel + at);
        }
    }
}
