// Kernels that need a whole row, column or plane of values: reductions, softmax, normalisations.

// Numbered as in ReduceFunction.cs: 0 sum, 1 max, 2 min, 3 sum of absolutes, 4 sum of squares. For vectors, and for what is
// left of them.
#define DEFINE_ACCUMULATE(name, type)                             \
    static inline type name(type sum, type v, int function)       \
    {                                                             \
        switch (function) {                                       \
        case 1: return max(sum, v);                               \
        case 2: return min(sum, v);                               \
        case 3: return sum + fabs(v);                             \
        case 4: return fma(v, v, sum);                            \
        default: return sum + v;                                  \
        }                                                         \
    }

DEFINE_ACCUMULATE(accumulate, floatv)
DEFINE_ACCUMULATE(accumulate_one, float)

static inline float start_of(int function)
{
    return function == 1 ? -INFINITY : function == 2 ? INFINITY : 0.0f;
}

// Reduces runs of count contiguous elements, of which each begins x_channel later than the last, and x_batch later after
// channels of them.
KERNEL void reduce_rows(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset,
    int channels, int count, int function, float scale, int root, int rows, int rows_per_item)
{
    int row = get_global_id(0) * rows_per_item;
    int last = min(row + rows_per_item, rows);
    int merge = function == 1 || function == 2 ? function : 0;
    for (; row < last; row++) {
        XIN px = x + x_offset + (row / channels) * x_batch + (row % channels) * x_channel;
        floatv sums = SPLAT(start_of(function));
        int i = 0;
        for (; i + V <= count; i += V) {
            sums = accumulate(sums, X(load_part)(px + i, V), function);
        }
        float sum;
        if (merge == 0) {
            sum = sum_lanes(sums);
        } else {
            float lanes[V];
            STOREV(sums, lanes);
            sum = lanes[0];
            for (int k = 1; k < V; k++) {
                sum = accumulate_one(sum, lanes[k], merge);
            }
        }
        for (; i < count; i++) {
            sum = accumulate_one(sum, X(get)(px, i), function);
        }
        sum *= scale;
        Y(put)(root ? sqrt(sum) : sum, y, y_offset + row);
    }
}

// Reduces the middle dimension of [outer, count, inner].
KERNEL void reduce_columns(
    XIN x, int x_offset, YOUT y, int y_offset, int count, int inner, int function, float scale, int root)
{
    int i = get_global_id(0) * V;
    int n = min(V, inner - i);
    int outer = get_global_id(1);
    XIN px = x + x_offset + outer * count * inner + i;
    floatv sum = SPLAT(start_of(function));
    for (int k = 0; k < count; k++) {
        sum = accumulate(sum, X(load_strided)(px + k * inner, 1, n), function);
    }
    sum *= scale;
    Y(store_part)(root ? sqrt(sum) : sum, y + y_offset + outer * inner + i, n);
}

// Softmax over the middle dimension of [outer, count, inner]; logarithm: 1 for LogSoftmax.
KERNEL void softmax(XIN x, int x_offset, YOUT y, int y_offset, int count, int inner, int logarithm)
{
    int i = get_global_id(0);
    int start = get_global_id(1) * count * inner + i;
    XIN px = x + x_offset + start;
    YOUT py = y + y_offset + start;
    float top = -INFINITY;
    for (int k = 0; k < count; k++) {
        top = max(top, X(get)(px, k * inner));
    }
    float sum = 0.0f;
    for (int k = 0; k < count; k++) {
        float e = exp(X(get)(px, k * inner) - top);
        Y(put)(e, py, k * inner);
        sum += e;
    }
    float factor = 1.0f / sum;
    float shift = top + log(sum);
    for (int k = 0; k < count; k++) {
        Y(put)(logarithm ? X(get)(px, k * inner) - shift : Y(get)(py, k * inner) * factor, py, k * inner);
    }
}

#if CPU
// Softmax over the last dimension where it is short: vectors of rows, which lie count apart. y may be x.
KERNEL void softmax_short(IN x, int x_offset, OUT y, int y_offset, int count, int rows, int rows_per_item, int logarithm)
{
    int row = get_global_id(0) * rows_per_item;
    int last = min(row + rows_per_item, rows);
    for (; row < last; row += V) {
        int n = min(V, last - row);
        IN px = x + x_offset + row * count;
        OUT py = y + y_offset + row * count;
        floatv top = load_strided(px, count, n);
        for (int k = 1; k < count; k++) {
            top = max(top, load_strided(px + k, count, n));
        }
        floatv sum = SPLAT(0.0f);
        for (int k = 0; k < count; k++) {
            floatv shifted = load_strided(px + k, count, n) - top;
            floatv e = exp(shifted);
            sum += e;
            store_strided(logarithm ? shifted : e, py + k, count, n);
        }
        floatv last_step = logarithm ? log(sum) : 1.0f / sum;
        for (int k = 0; k < count; k++) {
            floatv v = load_strided(py + k, count, n);
            store_strided(logarithm ? v - last_step : v * last_step, py + k, count, n);
        }
    }
}

// Softmax over the last dimension where it is long: a row for an item.
KERNEL void softmax_long(IN x, int x_offset, OUT y, int y_offset, int count, int rows, int rows_per_item, int logarithm)
{
    int row = get_global_id(0) * rows_per_item;
    int last = min(row + rows_per_item, rows);
    for (; row < last; row++) {
        IN px = x + x_offset + row * count;
        OUT py = y + y_offset + row * count;
        floatv tops = SPLAT(-INFINITY);
        int whole = count / V * V;
        for (int i = 0; i < whole; i += V) {
            tops = max(tops, LOADV(px + i));
        }
        float top = max_lanes(tops);
        for (int i = whole; i < count; i++) {
            top = max(top, px[i]);
        }
        floatv sums = SPLAT(0.0f);
        for (int i = 0; i < whole; i += V) {
            floatv shifted = LOADV(px + i) - top;
            floatv e = exp(shifted);
            sums += e;
            STOREV(logarithm ? shifted : e, py + i);
        }
        float sum = sum_lanes(sums);
        for (int i = whole; i < count; i++) {
            float shifted = px[i] - top;
            float e = exp(shifted);
            sum += e;
            py[i] = logarithm ? shifted : e;
        }
        float last_step = logarithm ? log(sum) : 1.0f / sum;
        for (int i = 0; i < count; i += V) {
            int n = min(V, count - i);
            floatv v = load_part(py + i, n);
            store_part(logarithm ? v - last_step : v * last_step, py + i, n);
        }
    }
}
#endif

// x divided by its norm over the middle dimension of [outer, count, inner].
KERNEL void lp_normalize(XIN x, int x_offset, YOUT y, int y_offset, int count, int inner, int p)
{
    int i = get_global_id(0);
    int start = get_global_id(1) * count * inner + i;
    XIN px = x + x_offset + start;
    YOUT py = y + y_offset + start;
    float sum = 0.0f;
    for (int k = 0; k < count; k++) {
        float v = X(get)(px, k * inner);
        sum += p == 1 ? fabs(v) : v * v;
    }
    float norm = p == 1 ? sum : sqrt(sum);
    for (int k = 0; k < count; k++) {
        Y(put)(norm == 0.0f ? 0.0f : X(get)(px, k * inner) / norm, py, k * inner);
    }
}

// Local response normalisation across channels (Krizhevsky et al., 2012), as ONNX defines it.
KERNEL void lrn(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,
    int channels, int plane, int size, float alpha, float beta, float bias)
{
    int i = get_global_id(0) * V;
    int c = get_global_id(1);
    int n = get_global_id(2);
    int count = min(V, plane - i);
    XIN px = x + x_offset + n * x_batch + i;
    int from = max(0, c - (size - 1) / 2);
    int to = min(channels - 1, c + size / 2);
    floatv squares = SPLAT(0.0f);
    for (int k = from; k <= to; k++) {
        floatv v = X(load_strided)(px + k * x_channel, 1, count);
        squares = fma(v, v, squares);
    }
    floatv base = bias + (alpha / size) * squares;
    floatv root = sqrt(base);
    floatv power = beta == 0.75f ? root * sqrt(root) : pow(base, SPLAT(beta));
    floatv v = X(load_strided)(px + c * x_channel, 1, count);
    Y(store_part)(v / power, y + y_offset + n * y_batch + c * y_channel + i, count);
}

KERNEL void instance_norm(
    XIN x, int x_offset, int x_batch, int x_channel, YOUT y, int y_offset, int y_batch, int y_channel,
    IN scale, int scale_offset, IN shift, int shift_offset,
    int channels, int plane, float epsilon, int activation, float a, float b)
{
    int n = get_global_id(0) / channels;
    int c = get_global_id(0) % channels;
    XIN px = x + x_offset + n * x_batch + c * x_channel;
    YOUT py = y + y_offset + n * y_batch + c * y_channel;
    int whole = plane / V * V;
    floatv sums = SPLAT(0.0f);
    for (int i = 0; i < whole; i += V) {
        sums += X(load_part)(px + i, V);
    }
    float sum = sum_lanes(sums);
    for (int i = whole; i < plane; i++) {
        sum += X(get)(px, i);
    }
    float mean = sum / plane;
    // The sum of deviations, zero but for rounding, corrects mean and variance (Chan, Golub and LeVeque, 1983).
    floatv squares = SPLAT(0.0f);
    sums = SPLAT(0.0f);
    for (int i = 0; i < whole; i += V) {
        floatv d = X(load_part)(px + i, V) - mean;
        sums += d;
        squares = fma(d, d, squares);
    }
    sum = sum_lanes(sums);
    float square = sum_lanes(squares);
    for (int i = whole; i < plane; i++) {
        float d = X(get)(px, i) - mean;
        sum += d;
        square += d * d;
    }
    float correction = sum / plane;
    mean += correction;
    float variance = square / plane - correction * correction;
    float factor = scale[scale_offset + c] / sqrt(variance + epsilon);
    float term = shift[shift_offset + c];
    for (int i = 0; i < plane; i += V) {
        int count = min(V, plane - i);
        floatv v = fma(X(load_strided)(px + i, 1, count) - mean, SPLAT(factor), SPLAT(term));
        Y(store_part)(activate(v, activation, a, b), py + i, count);
    }
}
