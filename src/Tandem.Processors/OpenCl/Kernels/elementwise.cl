// Elementwise kernels over up to six dimensions. Dimension 0 of the grid cuts the innermost dimension into chunks, dimension 1
// cuts the product of the outer ones into groups of rows.

typedef struct { int x; int y; int z; } offsets;

static inline offsets locate(int row, int8 shape, int8 sx, int8 sy, int8 sz)
{
    int i4 = row % shape.s4; row /= shape.s4;
    int i3 = row % shape.s3; row /= shape.s3;
    int i2 = row % shape.s2; row /= shape.s2;
    int i1 = row % shape.s1;
    int i0 = row / shape.s1;
    offsets at;
    at.x = i0 * sx.s0 + i1 * sx.s1 + i2 * sx.s2 + i3 * sx.s3 + i4 * sx.s4;
    at.y = i0 * sy.s0 + i1 * sy.s1 + i2 * sy.s2 + i3 * sy.s3 + i4 * sy.s4;
    at.z = i0 * sz.s0 + i1 * sz.s1 + i2 * sz.s2 + i3 * sz.s3 + i4 * sz.s4;
    return at;
}

// Numbered as in UnaryFunction.cs.
static inline floatv apply_unary(floatv x, int function)
{
    switch (function) {
    case 1: return exp(x);
    case 2: return sqrt(x);
    case 3: return -x;
    case 4: return fabs(x);
    case 5: return log(x);
    case 6: return 1.0f / x;
    case 7: return floor(x);
    case 8: return ceil(x);
    case 9: return log(1.0f + exp(-fabs(x))) + max(x, SPLAT(0.0f));
    case 10: return x / (1.0f + fabs(x));
    default: return x;
    }
}

// Numbered as in BinaryFunction.cs.
static inline floatv apply_binary(floatv x, floatv y, int function)
{
    switch (function) {
    case 0: return x + y;
    case 1: return x - y;
    case 2: return x * y;
    case 3: return x / y;
    case 4: return max(x, y);
    case 5: return min(x, y);
    case 6: return pow(x, y);
    default: return max(x, SPLAT(0.0f)) + y * min(x, SPLAT(0.0f));
    }
}

#define WALK_PARAMETERS int8 shape, int rows, int rows_per_item

// The statement behind it runs for every row of this work-item: at says where the row begins in each tensor, and [from, to) is
// the chunk of it.
#define FOR_ROWS(at, sx, sy, sz)                     \
    int from = get_global_id(0) * CHUNK;             \
    int to = min(from + CHUNK, shape.s5);            \
    int row = get_global_id(1) * rows_per_item;      \
    int last = min(row + rows_per_item, rows);       \
    for (offsets at; row < last && (at = locate(row, shape, sx, sy, sz), 1); row++)

#define MAP_PARAMETERS XIN x, int x_offset, int8 sx, YOUT y, int y_offset, int8 sy, WALK_PARAMETERS

// One row: the expression is of v, which is a vector of x.
#define MAP_ROW(step_x, step_y, value)                              \
    for (int i = from; i < to; i += V) {                            \
        int n = min(V, to - i);                                     \
        floatv v = X(load_strided)(px + i * (step_x), step_x, n);   \
        Y(store_strided)(value, py + i * (step_y), step_y, n);      \
    }

// y = value; or y = simple, which is the same where it is simple, of rows without gaps: a loop without conditions.
#define MAP(is_simple, simple, value)                               \
    FOR_ROWS(at, sx, sy, sy) {                                      \
        XIN px = x + x_offset + at.x;                               \
        YOUT py = y + y_offset + at.y;                              \
        if (sx.s5 == 1 && sy.s5 == 1 && is_simple) {                \
            MAP_ROW(1, 1, simple)                                   \
        } else {                                                    \
            MAP_ROW(sx.s5, sy.s5, value)                            \
        }                                                           \
    }

KERNEL void map(MAP_PARAMETERS, int function) { MAP(function == 0, v, apply_unary(v, function)) }

KERNEL void map_activation(MAP_PARAMETERS, int activation, float a, float b)
{
    MAP(activation == 1, max(v, SPLAT(0.0f)), activate(v, activation, a, b))
}

KERNEL void from_half(
    __global const half* x, int x_offset, int8 sx, YOUT y, int y_offset, int8 sy, WALK_PARAMETERS)
{
    FOR_ROWS(at, sx, sy, sy) {
        for (int i = from; i < to; i++) {
            Y(put)(vload_half(x_offset + at.x + i * sx.s5, x), y, y_offset + at.y + i * sy.s5);
        }
    }
}

KERNEL void to_half(
    XIN x, int x_offset, int8 sx, __global half* y, int y_offset, int8 sy, WALK_PARAMETERS)
{
    FOR_ROWS(at, sx, sy, sy) {
        for (int i = from; i < to; i++) {
            vstore_half_rte(X(get)(x, x_offset + at.x + i * sx.s5), y_offset + at.y + i * sy.s5, y);
        }
    }
}

// One row of combine: the expression is of vectors vx and vy. Given constant strides and a constant function, the compiler makes
// a loop without conditions of them.
#define COMBINE_ROW(step_x, step_y, step_z, value)                   \
    for (int i = from; i < to; i += V) {                             \
        int n = min(V, to - i);                                      \
        floatv vx = X(load_strided)(px + i * (step_x), step_x, n);   \
        floatv vy = Z(load_strided)(py + i * (step_y), step_y, n);   \
        Y(store_strided)(value, pz + i * (step_z), step_z, n);       \
    }

#define COMBINE_ANY(function) \
    COMBINE_ROW(sx.s5, sy.s5, sz.s5, activate(apply_binary(vx, vy, function), activation, a, b)) break;

// z = activation(function(x, y)); z may be x.
KERNEL void combine(
    XIN x, int x_offset, int8 sx, ZIN y, int y_offset, int8 sy, YOUT z, int z_offset, int8 sz, WALK_PARAMETERS,
    int function, int activation, float a, float b)
{
    bool plain_sum = sx.s5 == 1 && sy.s5 == 1 && sz.s5 == 1 && function == 0;
    FOR_ROWS(at, sx, sy, sz) {
        XIN px = x + x_offset + at.x;
        ZIN py = y + y_offset + at.y;
        YOUT pz = z + z_offset + at.z;
        if (plain_sum && activation == 0) {
            COMBINE_ROW(1, 1, 1, vx + vy)
        } else if (plain_sum && activation == 1) {
            COMBINE_ROW(1, 1, 1, max(vx + vy, SPLAT(0.0f)))
        } else {
            switch (function) {
            case 0: COMBINE_ANY(0)
            case 1: COMBINE_ANY(1)
            case 2: COMBINE_ANY(2)
            case 3: COMBINE_ANY(3)
            default: COMBINE_ANY(function)
            }
        }
    }
}

#define SCALE_ROW(value)                              \
    for (int i = from; i < to; i += V) {              \
        int count = min(V, to - i);                   \
        floatv v = X(load_strided)(px + i, 1, count); \
        Y(store_part)(value, py + i, count);          \
    }

// y = activation(scale[c] * x + shift[c]) on planes; what BatchNormalization is at inference.
KERNEL void scale_channels(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,
    IN scale, int scale_offset, IN shift, int shift_offset,
    int channels, int plane, int activation, float a, float b)
{
    int n = get_global_id(1) / channels;
    int c = get_global_id(1) % channels;
    XIN px = x + x_offset + n * x_batch + c * x_channel;
    YOUT py = y + y_offset + n * y_batch + c * y_channel;
    floatv factor = SPLAT(scale[scale_offset + c]);
    floatv term = SPLAT(shift[shift_offset + c]);
    int from = get_global_id(0) * CHUNK;
    int to = min(from + CHUNK, plane);
    // Without the choice in it the loop has no branches.
    if (activation == 1) {
        SCALE_ROW(max(fma(v, factor, term), SPLAT(0.0f)))
    } else {
        SCALE_ROW(activate(fma(v, factor, term), activation, a, b))
    }
}

// Where element i of a padded axis comes from: -1 for the constant. Modes: 0 constant, 1 reflect, 2 edge.
static inline int padded_source(int i, int extent, int mode)
{
    if (i >= 0 && i < extent) {
        return i;
    }
    if (mode == 0) {
        return -1;
    }
    if (mode == 1) {
        i = i < 0 ? -i : 2 * (extent - 1) - i;
    }
    return clamp(i, 0, extent - 1);
}

// One row of the padded planes for an item; outer is what the last two dimensions leave, in up to two padded dimensions.
KERNEL void pad(
    XIN x, int x_offset, YOUT y, int y_offset, int4 in_shape, int4 out_shape, int4 before, int mode, float value)
{
    int row = get_global_id(0);
    int h = row % out_shape.s2; row /= out_shape.s2;
    int c = row % out_shape.s1;
    int n = row / out_shape.s1;
    YOUT py = y + y_offset + ((n * out_shape.s1 + c) * out_shape.s2 + h) * out_shape.s3;
    int in_n = padded_source(n - before.s0, in_shape.s0, mode);
    int in_c = padded_source(c - before.s1, in_shape.s1, mode);
    int in_h = padded_source(h - before.s2, in_shape.s2, mode);
    if (in_n < 0 || in_c < 0 || in_h < 0) {
        for (int w = 0; w < out_shape.s3; w++) {
            Y(put)(value, py, w);
        }
        return;
    }
    XIN px = x + x_offset + ((in_n * in_shape.s1 + in_c) * in_shape.s2 + in_h) * in_shape.s3;
    int inside = clamp(before.s3, 0, out_shape.s3);
    int after = clamp(before.s3 + in_shape.s3, inside, out_shape.s3);
    for (int w = 0; w < inside; w++) {
        int source = padded_source(w - before.s3, in_shape.s3, mode);
        Y(put)(source < 0 ? value : X(get)(px, source), py, w);
    }
    for (int w = inside; w < after; w += V) {
        int count = min(V, after - w);
        Y(store_part)(X(load_strided)(px + w - before.s3, 1, count), py + w, count);
    }
    for (int w = after; w < out_shape.s3; w++) {
        int source = padded_source(w - before.s3, in_shape.s3, mode);
        Y(put)(source < 0 ? value : X(get)(px, source), py, w);
    }
}

// Separable interpolation of planes: each output row (column) is a weighted sum of taps input rows (columns).
KERNEL void resize(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,
    __global const int* row_index, int row_index_offset, IN row_weight, int row_weight_offset, int row_taps,
    __global const int* column_index, int column_index_offset, IN column_weight, int column_weight_offset, int column_taps,
    int channels, int width, int out_height, int out_width)
{
    int oh = get_global_id(1);
    int n = get_global_id(2) / channels;
    int c = get_global_id(2) % channels;
    XIN px = x + x_offset + n * x_batch + c * x_channel;
    YOUT py = y + y_offset + n * y_batch + c * y_channel + oh * out_width;
    __global const int* rows = row_index + row_index_offset + oh * row_taps;
    IN weights = row_weight + row_weight_offset + oh * row_taps;
    int from = get_global_id(0) * CHUNK;
    int to = min(from + CHUNK, out_width);
    for (int ow = from; ow < to; ow++) {
        __global const int* columns = column_index + column_index_offset + ow * column_taps;
        IN factors = column_weight + column_weight_offset + ow * column_taps;
        float sum = 0.0f;
        for (int r = 0; r < row_taps; r++) {
            XIN row = px + rows[r] * width;
            float part = 0.0f;
            for (int k = 0; k < column_taps; k++) {
                part += factors[k] * X(get)(row, columns[k]);
            }
            sum += weights[r] * part;
        }
        Y(put)(sum, py, ow);
    }
}
