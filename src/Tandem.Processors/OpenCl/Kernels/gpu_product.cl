// Matrix products for GPUs, and convolutions as such: C[m, n] = sum over k of A[m, k] * B[k, n]. A holds weights.
// A work-group makes BM x BN elements and goes over the depth in steps of BK, which its items copy to local memory together; an
// item makes TM x TN elements that lie BM / TM rows and BN / TN columns apart, so that neighbouring items touch neighbouring memory.
// Built for one set of extents; items must be a multiple of both BM and BN.

#define ITEMS_M (BM / TM)
#define ITEMS_N (BN / TN)
#define ITEMS (ITEMS_M * ITEMS_N)
#define ITEM_ROW (get_group_id(1) * BM + get_local_id(1))
#define ITEM_COLUMN (get_group_id(0) * BN + get_local_id(0))

// Adds the products of one step of the depth, which lie in local memory.
static inline void multiply_step(__local const float* left, __local const float* right, float sums[TM][TN])
{
    int m = get_local_id(1), n = get_local_id(0);
    for (int k = 0; k < BK; k++) {
        float a[TM], b[TN];
        for (int t = 0; t < TM; t++) {
            a[t] = left[k * BM + m + t * ITEMS_M];
        }
        for (int t = 0; t < TN; t++) {
            b[t] = right[k * BN + n + t * ITEMS_N];
        }
        for (int t = 0; t < TM; t++) {
            for (int u = 0; u < TN; u++) {
                sums[t][u] = fma(a[t], b[u], sums[t][u]);
            }
        }
    }
}

static inline void clear_sums(float sums[TM][TN])
{
    for (int t = 0; t < TM; t++) {
        for (int u = 0; u < TN; u++) {
            sums[t][u] = 0.0f;
        }
    }
}

// Copies BK x BM elements of A, zeros where there are none.
static inline void copy_left(__local float* left, LEFT_IN a, int row_stride, int depth_stride, int first, int rows, int depth)
{
    int item = get_local_id(1) * ITEMS_N + get_local_id(0);
    int m = item % BM;
    int row = get_group_id(1) * BM + m;
    for (int k = item / BM; k < BK; k += ITEMS / BM) {
        bool inside = row < rows && first + k < depth;
        left[k * BM + m] = inside ? LEFT(get)(a, row * row_stride + (first + k) * depth_stride) : 0.0f;
    }
}

#ifndef WINDOW_ROWS
// Any strides. Batches lie *_outer and *_inner apart; inner: how many batches there are of the inner kind. Bias_offset below zero
// means no bias; else there is one for each row.
__kernel __attribute__((reqd_work_group_size(ITEMS_N, ITEMS_M, 1)))
void tiled_product(
    LEFT_IN a, int a_offset, int a_outer, int a_inner, int a_row, int a_depth,
    RIGHT_IN b, int b_offset, int b_outer, int b_inner, int b_depth, int b_column,
    YOUT c, int c_offset, int c_outer, int c_inner, int c_row, int c_column,
    IN bias, int bias_offset, int inner, int rows, int columns, int depth, float alpha, int activation, float p, float q)
{
    __local float left[BK * BM];
    __local float right[BK * BN];
    int outer_batch = get_group_id(2) / inner, inner_batch = get_group_id(2) % inner;
    a += a_offset + outer_batch * a_outer + inner_batch * a_inner;
    b += b_offset + outer_batch * b_outer + inner_batch * b_inner;
    c += c_offset + outer_batch * c_outer + inner_batch * c_inner;
    float sums[TM][TN];
    clear_sums(sums);
    int item = get_local_id(1) * ITEMS_N + get_local_id(0);
    int n = item % BN;
    int column = get_group_id(0) * BN + n;
    for (int first = 0; first < depth; first += BK) {
        copy_left(left, a, a_row, a_depth, first, rows, depth);
        for (int k = item / BN; k < BK; k += ITEMS / BN) {
            bool inside = column < columns && first + k < depth;
            right[k * BN + n] = inside ? RIGHT(get)(b, (first + k) * b_depth + column * b_column) : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_step(left, right, sums);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int t = 0; t < TM; t++) {
        int row = ITEM_ROW + t * ITEMS_M;
        for (int u = 0; u < TN; u++) {
            int at = ITEM_COLUMN + u * ITEMS_N;
            if (row < rows && at < columns) {
                float sum = alpha * sums[t][u] + (bias_offset >= 0 ? bias[bias_offset + row] : 0.0f);
                Y(put)(activate(sum, activation, p, q), c, row * c_row + at * c_column);
            }
        }
    }
}
#else
// A convolution of WINDOW_ROWS x WINDOW_COLUMNS: m is the output channel, n the output pixel, k the input channel, row and column
// of the window. Weights are packed as [group][k][output channel]; the input is gathered while it is copied (implicit im2col).
__kernel __attribute__((reqd_work_group_size(ITEMS_N, ITEMS_M, 1)))
void tiled_convolution(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,
    WIN weight, int weight_offset, IN bias, int bias_offset, ZIN residual, int residual_offset, int r_batch, int r_channel,
    int groups, int group_in, int group_out, int height, int width, int out_height, int out_width,
    int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w, int activation, float p, float q)
{
    __local float left[BK * BM];
    __local float right[BK * BN];
    int group = get_group_id(2) % groups, image = get_group_id(2) / groups;
    int depth = group_in * WINDOW_ROWS * WINDOW_COLUMNS, pixels = out_height * out_width;
    x += x_offset + image * x_batch + group * group_in * x_channel;
    weight += weight_offset + group * depth * group_out;
    float sums[TM][TN];
    clear_sums(sums);
    int item = get_local_id(1) * ITEMS_N + get_local_id(0);
    int n = item % BN;
    int pixel = get_group_id(0) * BN + n;
    int top = pixel / out_width * stride_h - pad_h, left_column = pixel % out_width * stride_w - pad_w;
    for (int first = 0; first < depth; first += BK) {
        copy_left(left, weight, 1, group_out, first, group_out, depth);
        for (int k = item / BN; k < BK; k += ITEMS / BN) {
            int at = first + k;
            int channel = at / (WINDOW_ROWS * WINDOW_COLUMNS), place = at % (WINDOW_ROWS * WINDOW_COLUMNS);
            int h = top + place / WINDOW_COLUMNS * dilation_h, w = left_column + place % WINDOW_COLUMNS * dilation_w;
            bool inside = pixel < pixels && at < depth && h >= 0 && h < height && w >= 0 && w < width;
            right[k * BN + n] = inside ? X(get)(x, channel * x_channel + h * width + w) : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_step(left, right, sums);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int t = 0; t < TM; t++) {
        int row = ITEM_ROW + t * ITEMS_M, channel = group * group_out + row;
        for (int u = 0; u < TN; u++) {
            int at = ITEM_COLUMN + u * ITEMS_N;
            if (row < group_out && at < pixels) {
                float sum = sums[t][u] + bias[bias_offset + channel];
                if (residual_offset >= 0) {
                    sum += Z(get)(residual, residual_offset + image * r_batch + channel * r_channel + at);
                }
                Y(put)(activate(sum, activation, p, q), y, y_offset + image * y_batch + channel * y_channel + at);
            }
        }
    }
}
#endif
