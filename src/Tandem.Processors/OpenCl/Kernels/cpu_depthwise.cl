// Depthwise convolutions of planes on CPU devices. Columns are the vector. Lanes beyond a border are masked off, so the borders
// need no conditions and nothing is copied to a padded plane. A last vector that is at most half full is shared by two channels.
// Given when the program is built: K, rows and columns of the kernel; S, stride; ACTIVATION, the kind of activation.

typedef struct {
    int x, x_batch, x_channel;       // first element, elements from image to image and channel to channel
    int y, y_batch, y_channel;
    int r, r_batch, r_channel;
    int weight, bias;
    int channels, multiplier;        // output channels, and output channels of each input channel
    int channels_per_item;
    int height, width, out_height, out_width;
    int pad_h, pad_w;
    int residual;                    // whether one is added
    int activation;                  // known as ACTIVATION already
    float a, b;
} Depthwise;

#define UNROLL _Pragma("unroll")
#define INLINE static inline __attribute__((always_inline))

// Output rows that are made together: sums enough to hide the latency of a multiply-add.
#define ROWS 4
#define INPUT_ROWS ((ROWS - 1) * S + K)

// Vectors that are loaded from each half of the columns: K where the stride is 1; otherwise every second column is taken of each.
#define LOADS (S == 1 ? K : (K + 1) / 2)

// What one vector of outputs reads and writes. Where two channels share it, the second one has the upper half.
typedef struct {
    IN x0;
    IN x1;
    OUT y0;
    OUT y1;
    IN r0;
    IN r1;
    uint load0[LOADS], load1[LOADS];
    uint store0, store1;
} Strip;

#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)

// The K vectors of columns that a row's taps multiply.
INLINE void load_taps(const Strip* s, int at, bool shared, uint all, float16* v)
{
#if S == 1
    UNROLL for (int k = 0; k < K; k++) {
        v[k] = shared
            ? (float16)(load_lanes8(s->x0 + at + k, s->load0[k] & all), load_lanes8(s->x1 + at + k, s->load1[k] & all))
            : load_lanes16(s->x0 + at + k, s->load0[k] & all);
    }
#else
    UNROLL for (int i = 0; i < LOADS; i++) {
        float16 lower = load_lanes16(s->x0 + at + 2 * i, s->load0[i] & all);
        float16 upper = load_lanes16(s->x1 + at + 2 * i, s->load1[i] & all);
        v[2 * i] = EVEN(lower, upper);
        if (2 * i + 1 < K) {
            v[2 * i + 1] = ODD(lower, upper);
        }
    }
#endif
}

INLINE void finish(const Depthwise* d, const Strip* s, bool shared, float16 sum, int at)
{
    if (shared) {
        if (d->residual) {
            sum += (float16)(load_lanes8(s->r0 + at, s->store0), load_lanes8(s->r1 + at, s->store1));
        }
        sum = activate_rarely(sum, ACTIVATION, d->a, d->b);
        store_lanes8(sum.lo, s->y0 + at, s->store0);
        store_lanes8(sum.hi, s->y1 + at, s->store1);
    } else {
        if (d->residual) {
            sum += load_lanes16(s->r0 + at, s->store0);
        }
        store_lanes16(activate_rarely(sum, ACTIVATION, d->a, d->b), s->y0 + at, s->store0);
    }
}

// ROWS output rows from row y on; inside: whether all rows that are read exist.
INLINE void band(const Depthwise* d, const Strip* s, const float16* w, float16 bias, int y, bool shared, bool inside)
{
    float16 sums[ROWS];
    UNROLL for (int r = 0; r < ROWS; r++) {
        sums[r] = bias;
    }
    int top = y * S - d->pad_h;
    UNROLL for (int j = 0; j < INPUT_ROWS; j++) {
        float16 v[K + 1];
        int h = inside ? top + j : clamp(top + j, 0, d->height - 1);
        load_taps(s, h * d->width, shared, inside || h == top + j ? ~0u : 0u, v);
        UNROLL for (int r = 0; r < ROWS; r++) {
            if (j - r * S >= 0 && j - r * S < K) {
                UNROLL for (int k = 0; k < K; k++) {
                    sums[r] = fma(v[k], w[(j - r * S) * K + k], sums[r]);
                }
            }
        }
    }
    UNROLL for (int r = 0; r < ROWS; r++) {
        if (inside || y + r < d->out_height) {
            finish(d, s, shared, sums[r], (y + r) * d->out_width);
        }
    }
}

INLINE void strip(const Depthwise* d, const Strip* s, const float16* w, float16 bias, bool shared)
{
    // Rows that lie wholly inside, of which a band takes ROWS.
    int last = min(d->out_height, (d->height + d->pad_h - K) / S + 1) - ROWS;
    int y = 0;
    for (; y < d->out_height && y * S < d->pad_h; y += ROWS) {
        band(d, s, w, bias, y, shared, false);
    }
    for (; y <= last; y += ROWS) {
        band(d, s, w, bias, y, shared, true);
    }
    for (; y < d->out_height; y += ROWS) {
        band(d, s, w, bias, y, shared, false);
    }
}

// The vector of outputs that begins at a column of a channel.
INLINE void alone(const Depthwise* d, IN x, IN weight, IN bias, IN residual, OUT y, int c, int column)
{
    Strip s;
    int first = column * S - d->pad_w;
    s.x0 = x + c / d->multiplier * d->x_channel + first;
    s.x1 = s.x0 + 16;
    UNROLL for (int i = 0; i < LOADS; i++) {
        s.load0[i] = lanes_inside(first + i * S, d->width, 16);
        s.load1[i] = lanes_inside(first + i * S + 16, d->width, 16);
    }
    s.y0 = y + c * d->y_channel + column;
    s.r0 = residual + c * d->r_channel + column;
    s.store0 = lanes_inside(column, d->out_width, 16);
    float16 w[K * K];
    UNROLL for (int k = 0; k < K * K; k++) {
        w[k] = (float16)(weight[c * K * K + k]);
    }
    strip(d, &s, w, (float16)(bias[c]), false);
}

// The last, at most half full vectors of two channels.
INLINE void together(const Depthwise* d, IN x, IN weight, IN bias, IN residual, OUT y, int c, int column)
{
    Strip s;
    int first = column * S - d->pad_w;
    s.x0 = x + c / d->multiplier * d->x_channel + first;
    s.x1 = x + (c + 1) / d->multiplier * d->x_channel + first;
    UNROLL for (int i = 0; i < LOADS; i++) {
        s.load0[i] = s.load1[i] = lanes_inside(first + i * S, d->width, S == 1 ? 8 : 16);
    }
    s.y0 = y + c * d->y_channel + column;
    s.y1 = s.y0 + d->y_channel;
    s.r0 = residual + c * d->r_channel + column;
    s.r1 = s.r0 + d->r_channel;
    s.store0 = s.store1 = lanes_inside(column, d->out_width, 8);
    IN second = weight + K * K;
    float16 w[K * K];
    UNROLL for (int k = 0; k < K * K; k++) {
        w[k] = (float16)((float8)(weight[c * K * K + k]), (float8)(second[c * K * K + k]));
    }
    strip(d, &s, w, (float16)((float8)(bias[c]), (float8)(bias[c + 1])), true);
}

// Dimension 0 of the grid counts groups of channels, 1 images.
KERNEL void depthwise(IN x_memory, IN weight_memory, IN bias_memory, IN r_memory, OUT y_memory, const Depthwise given)
{
    const Depthwise copy = given;
    const Depthwise* d = &copy;
    int n = get_global_id(1);
    IN x = x_memory + d->x + n * d->x_batch;
    IN residual = r_memory + d->r + n * d->r_batch;
    OUT y = y_memory + d->y + n * d->y_batch;
    IN weight = weight_memory + d->weight;
    IN bias = bias_memory + d->bias;
    int c = get_global_id(0) * d->channels_per_item;
    int last = min(c + d->channels_per_item, d->channels);
    int rest = d->out_width % 16;
    for (; c < last; c += 2) {
        bool shares = rest > 0 && rest <= 8 && c + 1 < last;
        int columns = shares ? d->out_width - rest : d->out_width;
        for (int i = c; i < min(c + 2, last); i++) {
            for (int column = 0; column < columns; column += 16) {
                alone(d, x, weight, bias, residual, y, i, column);
            }
        }
        if (shares) {
            together(d, x, weight, bias, residual, y, c, columns);
        }
    }
}
