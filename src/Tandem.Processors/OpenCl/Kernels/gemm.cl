// Matrix products. Bias and activation are applied at the end; bias_offset below zero means none.

#define TILE_COLUMNS (2 * V)

// C[rows, columns] = A[rows, depth] * B + bias, with B in panels of TILE_COLUMNS columns: [panel][depth][TILE_COLUMNS].
// One work-item makes ROWS rows of one panel.
#define PACKED_GEMM(NAME, ROWS)                                                                              \
KERNEL void NAME(                                                                                            \
    XIN a, int a_offset, int a_stride, WIN b, int b_offset, IN bias, int bias_offset,                        \
    YOUT c, int c_offset, int c_stride, int rows, int columns, int depth, int activation, float p, float q)  \
{                                                                                                            \
    int column = get_global_id(0) * TILE_COLUMNS;                                                            \
    int row = min((int)get_global_id(1) * ROWS, rows - ROWS);                                                \
    WIN pb = b + b_offset + column * depth;                                                                  \
    XIN pa = a + a_offset + row * a_stride;                                                                  \
    floatv left[ROWS], right[ROWS];                                                                          \
    floatv start_left = SPLAT(0.0f), start_right = SPLAT(0.0f);                                              \
    if (bias_offset >= 0) {                                                                                  \
        start_left = LOADV(bias + bias_offset + column);                                                     \
        start_right = LOADV(bias + bias_offset + column + V);                                                \
    }                                                                                                        \
    for (int r = 0; r < ROWS; r++) {                                                                         \
        left[r] = start_left;                                                                                \
        right[r] = start_right;                                                                              \
    }                                                                                                        \
    for (int k = 0; k < depth; k++) {                                                                        \
        floatv b0 = W(load_part)(pb + k * TILE_COLUMNS, V);                                                  \
        floatv b1 = W(load_part)(pb + k * TILE_COLUMNS + V, V);                                              \
        _Pragma("unroll")                                                                                    \
        for (int r = 0; r < ROWS; r++) {                                                                     \
            floatv value = SPLAT(X(get)(pa, r * a_stride + k));                                              \
            left[r] = fma(value, b0, left[r]);                                                               \
            right[r] = fma(value, b1, right[r]);                                                             \
        }                                                                                                    \
    }                                                                                                        \
    YOUT pc = c + c_offset + row * c_stride + column;                                                        \
    for (int r = 0; r < ROWS; r++) {                                                                         \
        int count = columns - column;                                                                        \
        Y(store_part)(activate(left[r], activation, p, q), pc + r * c_stride, min(V, count));                \
        if (count > V) {                                                                                     \
            Y(store_part)(activate(right[r], activation, p, q), pc + r * c_stride + V, min(V, count - V));   \
        }                                                                                                    \
    }                                                                                                        \
}

PACKED_GEMM(gemm_packed_1, 1)
PACKED_GEMM(gemm_packed_6, 6)

// C[batch, rows, columns] = alpha * A * B with any strides; one work-item makes one row of V columns. Batch has two
// dimensions, each with a stride of its own (0 where an operand is broadcast).
KERNEL void gemm_strided(
    XIN a, int a_offset, int a_outer, int a_inner, int a_row, int a_depth,
    ZIN b, int b_offset, int b_outer, int b_inner, int b_depth, int b_column,
    YOUT c, int c_offset, int c_outer, int c_inner, int c_row,
    int inner, int rows, int columns, int depth, float alpha, int activation, float p, float q)
{
    int column = get_global_id(0) * V;
    int row = get_global_id(1);
    int i = get_global_id(2) / inner;
    int j = get_global_id(2) % inner;
    int count = min(V, columns - column);
    XIN pa = a + a_offset + i * a_outer + j * a_inner + row * a_row;
    ZIN pb = b + b_offset + i * b_outer + j * b_inner + column * b_column;
    floatv sum = SPLAT(0.0f);
    for (int k = 0; k < depth; k++) {
        floatv vb = Z(load_strided)(pb + k * b_depth, b_column, count);
        sum = fma(SPLAT(X(get)(pa, k * a_depth)), vb, sum);
    }
    sum = activate(sum * alpha, activation, p, q);
    Y(store_part)(sum, c + c_offset + i * c_outer + j * c_inner + row * c_row + column, count);
}
