// Products of a matrix and few vectors for GPUs, with the arguments of tiled_product: a work-group makes LANES elements of one
// column; PARTS items share the depth of each and add up in local memory.

__kernel __attribute__((reqd_work_group_size(LANES, PARTS, 1)))
void vector_product(
    LEFT_IN a, int a_offset, int a_outer, int a_inner, int a_row, int a_depth,
    RIGHT_IN b, int b_offset, int b_outer, int b_inner, int b_depth, int b_column,
    YOUT c, int c_offset, int c_outer, int c_inner, int c_row, int c_column,
    IN bias, int bias_offset, int inner, int rows, int columns, int depth, float alpha, int activation, float p, float q)
{
    __local float parts[PARTS * LANES];
    int lane = get_local_id(0), part = get_local_id(1);
    int row = get_group_id(0) * LANES + lane, column = get_group_id(1);
    int outer_batch = get_group_id(2) / inner, inner_batch = get_group_id(2) % inner;
    a += a_offset + outer_batch * a_outer + inner_batch * a_inner + min(row, rows - 1) * a_row;
    b += b_offset + outer_batch * b_outer + inner_batch * b_inner + column * b_column;
    float sum = 0.0f;
    for (int k = part; k < depth; k += PARTS) {
        sum = fma(LEFT(get)(a, k * a_depth), RIGHT(get)(b, k * b_depth), sum);
    }
    parts[part * LANES + lane] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (part == 0 && row < rows) {
        for (int i = 1; i < PARTS; i++) {
            sum += parts[i * LANES + lane];
        }
        sum = alpha * sum + (bias_offset >= 0 ? bias[bias_offset + row] : 0.0f);
        int at = c_offset + outer_batch * c_outer + inner_batch * c_inner + row * c_row + column * c_column;
        Y(put)(activate(sum, activation, p, q), c, at);
    }
}
