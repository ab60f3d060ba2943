// Winograd convolution F(4x4, 3x3) on CPU-backed devices: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks"
// (2016). 3x3 windows, stride 1, float32 NCHW. Each tile of 4 x 4 outputs takes 36 products for each pair of channels
// instead of 144. A work-item transforms a chunk of tiles (V), multiplies it with the transformed weights (U), 36 matrix
// products whose sums (M) are transformed back. V and M of a chunk stay in the core's cache.
//
// Small planes are bound by reading U, of which there is four times as much as of weights. So where each weight is wanted
// once or twice only, it is transformed here (transforms_weights), a few input channels of 32 output channels at a time.
//
// The points are 0, +-A, +-B and infinity, with A = sqrt(1/2) and B = sqrt(2), whose error is a third of that of the usual 1
// and 2. WinogradWeights.cs has the same.
#define A 0.70710678f
#define B 1.41421356f
#define AA 0.5f
#define BB 2.0f

#define TILES 64                    // most tiles of a chunk
#define LINE (4 * TILES + 2 + 80)   // a padded row of a chunk's input
#define CLASS (2 * TILES + 16)      // one element of every tile, and of the row of tiles below
#define UNROLL _Pragma("unroll")

typedef struct {
    int in, in_channel, in_end;     // offset, channel stride (floats), floats that may be read
    int out, out_channel, res, res_channel;
    int weights, bias, scratch;     // offsets
    int ic, h, w, oc, oh, ow;       // channels of a group, extents
    int pad_y, pad_x, groups;
    int tiles_y, tiles_x;           // tiles of a plane
    int chunk_y, chunk_x;           // tiles of a chunk
    int block;                      // tiles of a product, even and at most 14
    int depth;                      // input channels of a product
    int v_block, v_point, v_depth;  // floats of V for a block, for one of the 36 points, for the channels of a product
    int m_point, u_point;           // floats of M and of U for one of the 36 points
    int item;                       // floats of scratch memory for a work-item
    int transforms_weights;
    int has_residual, act;
    float a, b;
} Winograd;

// ---------------------------------------------------------------- input
// Columns x0, x0 + 1, ... of a row, zero where there is no input.
static void copy_row(IN row, int x0, int width, int count, int readable, float *line)
{
    int first = min(max(0, -x0), count), end = min(count, width - x0), x = first;
    for (int i = 0; i < first; i += 16) {
        store16((float16)(0.0f), line + i);
    }
    for (; x < end && x0 + x + 16 <= readable; x += 16) {
        store16(vload16(0, row + x0 + x), line + x);
    }
    for (; x < end; x++) {
        line[x] = row[x0 + x];
    }
    for (x = max(end, 0); x < count + 64; x += 16) {
        store16((float16)(0.0f), line + x);
    }
}

static inline float16 next_column(float16 v, float last)
{
    return (float16)(v.s1, v.s2, v.s3, v.s4, v.s5, v.s6, v.s7, v.s8, v.s9, v.sa, v.sb, v.sc, v.sd, v.se, v.sf, last);
}

// Splits a row into the six columns that tiles have.
static inline void split_row(const float *line, int tiles, float *to)
{
    for (int t = 0; t < tiles; t += 16, line += 64, to += 16) {
        float16 a = vload16(0, line), b = vload16(1, line), c = vload16(2, line), d = vload16(3, line);
        float16 e0 = (float16)(a.even, b.even), e1 = (float16)(c.even, d.even);
        float16 o0 = (float16)(a.odd, b.odd), o1 = (float16)(c.odd, d.odd);
        float16 p0 = (float16)(e0.even, e1.even), p2 = (float16)(e0.odd, e1.odd);
        float16 p1 = (float16)(o0.even, o1.even), p3 = (float16)(o0.odd, o1.odd);
        store16(p0, to);
        store16(p1, to + CLASS);
        store16(p2, to + 2 * CLASS);
        store16(p3, to + 3 * CLASS);
        store16(next_column(p0, line[64]), to + 4 * CLASS);
        store16(next_column(p1, line[65]), to + 5 * CLASS);
    }
}

// One dimension: the input's polynomials at the points.
#define INPUT_TRANSFORM(d, r) {                                                     \
    float16 d0 = d(0), d1 = d(1), d2 = d(2), d3 = d(3), d4 = d(4), d5 = d(5);       \
    float16 u_ = d4 - BB * d2, v_ = A * (d3 - BB * d1);                             \
    float16 w_ = d4 - AA * d2, z_ = B * (d3 - AA * d1);                             \
    r(0, d4 - (AA + BB) * d2 + (AA * BB) * d0);                                     \
    r(1, u_ + v_); r(2, u_ - v_); r(3, w_ + z_); r(4, w_ - z_);                     \
    r(5, d5 - (AA + BB) * d3 + (AA * BB) * d1);                                     \
}

// V[input channel / depth][point][block][input channel % depth][tile of the block]
static void transform_input(IN in, const Winograd *P, int base, int ty, int tx, int rows, int columns, OUT v)
{
    float line[LINE], split[24 * CLASS];
    const int tiles = rows * columns;
    for (int c = 0, k = 0; c < P->ic; c++, k++) {
        if (k == P->depth) {
            k = 0;
            v += P->v_depth;
        }
        IN plane = in + base + c * P->in_channel;
        for (int i = 0; i < 4 * rows + 2; i++) {
            int y = 4 * ty - P->pad_y + i, at = y * P->w;
            float *to = split + (i & 3) * 6 * CLASS + (i >> 2) * columns;
            if (y < 0 || y >= P->h) {
                for (int j = 0; j < 6; j++) {
                    for (int t = 0; t < columns; t += 16) {
                        store16((float16)(0.0f), to + j * CLASS + t);
                    }
                }
                continue;
            }
            copy_row(plane + at, 4 * tx - P->pad_x, P->w, 4 * columns + 2,
                     P->in_end - base - c * P->in_channel - at, line);
            split_row(line, columns, to);
        }
        for (int t = 0, block = 0; t < tiles; t += P->block, block++) {
            const float *from = split + t;
            OUT to = v + block * P->v_block + k * P->block;
            float16 half_done[36];
            UNROLL for (int j = 0; j < 6; j++) {
#define GET(i) vload16(0, from + (((i) & 3) * 6 + j) * CLASS + ((i) >> 2) * columns)
#define PUT(i, value) half_done[(i) * 6 + j] = value
                INPUT_TRANSFORM(GET, PUT)
#undef GET
#undef PUT
            }
            UNROLL for (int i = 0; i < 6; i++) {
#define GET(j) half_done[i * 6 + (j)]
#define PUT(j, value) store16(value, to + (i * 6 + (j)) * P->v_point)
                INPUT_TRANSFORM(GET, PUT)
#undef GET
#undef PUT
            }
        }
    }
}

// ---------------------------------------------------------------- weights
// The window's polynomial at the points, each divided by the product of its distances from the others; as in WinogradWeights.cs.
__constant float G[6][3] = {
    { 1.0f, 0.0f, 0.0f },
    { -2.0f / 3.0f, -2.0f / 3.0f * A, -2.0f / 3.0f * AA }, { -2.0f / 3.0f, 2.0f / 3.0f * A, -2.0f / 3.0f * AA },
    { 1.0f / 6.0f, B / 6.0f, BB / 6.0f }, { 1.0f / 6.0f, -B / 6.0f, BB / 6.0f },
    { 0.0f, 0.0f, 1.0f },
};

// U[column of points][input channel][channel] for a row of points, of weights [input channel][row][column][channel].
static void transform_weights(IN weights, int depth, int width, int row, OUT u, int u_point)
{
    const float16 a = G[row][0], b = G[row][1], c = G[row][2];
    for (int k = 0; k < depth; k++, weights += 9 * width) {
        for (IN w = weights; w < weights + width; w += 16, u += 16) {
            float16 g[3];
            UNROLL for (int j = 0; j < 3; j++) {
                g[j] = fma(c, vload16(0, w + (6 + j) * width),
                           fma(b, vload16(0, w + (3 + j) * width), a * vload16(0, w + j * width)));
            }
            const float16 s = (-2.0f / 3.0f) * fma(AA, g[2], g[0]), d = (-2.0f / 3.0f * A) * g[1];
            const float16 t = (1.0f / 6.0f) * fma(BB, g[2], g[0]), e = (B / 6.0f) * g[1];
            store16(g[0], u);
            store16(s + d, u + u_point);
            store16(s - d, u + 2 * u_point);
            store16(t + e, u + 3 * u_point);
            store16(t - e, u + 4 * u_point);
            store16(g[2], u + 5 * u_point);
        }
    }
}

// ---------------------------------------------------------------- products
// n tiles x 32 or 16 channels in named accumulators, which must stay in registers.
#define R2(M) M(0) M(1)
#define R4(M) R2(M) M(2) M(3)
#define R6(M) R4(M) M(4) M(5)
#define R8(M) R6(M) M(6) M(7)
#define R10(M) R8(M) M(8) M(9)
#define R12(M) R10(M) M(10) M(11)
#define R14(M) R12(M) M(12) M(13)
#define BEGIN32(i) float16 p##i = 0.0f, q##i = 0.0f; if (again) { p##i = vload16(2 * i, m); q##i = vload16(2 * i + 1, m); }
#define ADD32(i) { float16 x = (float16)(v[i]); p##i = fma(x, w0, p##i); q##i = fma(x, w1, q##i); }
#define STORE32(i) store16(p##i, m + 16 * (2 * i)); store16(q##i, m + 16 * (2 * i + 1));
#define BEGIN16(i) float16 p##i = 0.0f; if (again) p##i = vload16(i, m);
#define ADD16(i) p##i = fma((float16)(v[i]), w0, p##i);
#define STORE16(i) store16(p##i, m + 16 * i);
#define PRODUCT(N)                                                                  \
static void product32_##N(IN u, IN v, int depth, int block, int again, OUT m)       \
{                                                                                   \
    R##N(BEGIN32)                                                                   \
    for (int k = 0; k < depth; k++, u += 32, v += block) {                          \
        float16 w0 = vload16(0, u), w1 = vload16(1, u);                             \
        R##N(ADD32)                                                                 \
    }                                                                               \
    R##N(STORE32)                                                                   \
}                                                                                   \
static void product16_##N(IN u, IN v, int depth, int block, int again, OUT m)       \
{                                                                                   \
    R##N(BEGIN16)                                                                   \
    for (int k = 0; k < depth; k++, u += 16, v += block) {                          \
        float16 w0 = vload16(0, u);                                                 \
        R##N(ADD16)                                                                 \
    }                                                                               \
    R##N(STORE16)                                                                   \
}
PRODUCT(2) PRODUCT(4) PRODUCT(6) PRODUCT(8) PRODUCT(10) PRODUCT(12) PRODUCT(14)

#define CASE(N)                                                                     \
    case N:                                                                         \
        if (width == 32) product32_##N(u, v, depth, block, again, m);               \
        else product16_##N(u, v, depth, block, again, m);                           \
        break;
static void product(IN u, IN v, int depth, int block, int tiles, int width, int again, OUT m)
{
    switch ((tiles + 1) & ~1) {
    CASE(2) CASE(4) CASE(6) CASE(8) CASE(10) CASE(12) CASE(14)
    }
}

// M[point][tile][channel] of 32 or 16 channels, from U[input channel][channel] of a point.
static void multiply(IN u, IN v, const Winograd *P, int depth, int tiles, int width, int again, OUT m)
{
    for (int t = 0, block = 0; t < tiles; t += P->block, block++) {
        product(u, v + block * P->v_block, depth, P->block, min(P->block, tiles - t), width, again, m + t * width);
    }
}

// The same for all points, from weights [input channel][row][column][channel].
static void multiply_weights(IN weights, IN v, const Winograd *P, int tiles, int width, OUT u, OUT m)
{
    for (int k = 0; k < P->ic; k += P->depth, weights += P->depth * 9 * width, v += P->v_depth) {
        const int depth = min(P->depth, P->ic - k);
        for (int point = 0; point < 36; point++) {
            if (point % 6 == 0) {
                transform_weights(weights, depth, width, point / 6, u, P->u_point);
            }
            multiply(u + point % 6 * P->u_point, v + point * P->v_point, P, depth, tiles, width, k > 0, m + point * P->m_point);
        }
    }
}

// ---------------------------------------------------------------- output
#define OUTPUT_TRANSFORM(get, put) {                                                \
    float16 s_ = get(1) + get(2), d_ = get(1) - get(2);                             \
    float16 t_ = get(3) + get(4), e_ = get(3) - get(4);                             \
    put(0, get(0) + s_ + t_); put(1, A * d_ + B * e_);                              \
    put(2, AA * s_ + BB * t_); put(3, (AA * A) * d_ + (BB * B) * e_ + get(5));      \
}

#define ZIP_LOW(a, b) (float16)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3, a.s4, b.s4, a.s5, b.s5, a.s6, b.s6, a.s7, b.s7)
#define ZIP_HIGH(a, b) (float16)(a.s8, b.s8, a.s9, b.s9, a.sa, b.sa, a.sb, b.sb, a.sc, b.sc, a.sd, b.sd, a.se, b.se, a.sf, b.sf)
// Four rounds of a perfect shuffle transpose 16 x 16.
#define ROUND(S, D)                                                                                                 \
    float16 D##0 = ZIP_LOW(S##0, S##8), D##1 = ZIP_HIGH(S##0, S##8), D##2 = ZIP_LOW(S##1, S##9),                    \
            D##3 = ZIP_HIGH(S##1, S##9), D##4 = ZIP_LOW(S##2, S##10), D##5 = ZIP_HIGH(S##2, S##10),                 \
            D##6 = ZIP_LOW(S##3, S##11), D##7 = ZIP_HIGH(S##3, S##11), D##8 = ZIP_LOW(S##4, S##12),                 \
            D##9 = ZIP_HIGH(S##4, S##12), D##10 = ZIP_LOW(S##5, S##13), D##11 = ZIP_HIGH(S##5, S##13),              \
            D##12 = ZIP_LOW(S##6, S##14), D##13 = ZIP_HIGH(S##6, S##14), D##14 = ZIP_LOW(S##7, S##15),              \
            D##15 = ZIP_HIGH(S##7, S##15);
#define R16(M) R14(M) M(14) M(15)

// 16 pixels of 16 channels, to be 16 channels of 16 pixels.
static inline __attribute__((always_inline)) void transpose(const float16 *from, float16 *to)
{
#define LOAD(i) float16 s##i = from[i];
#define STORE(i) to[i] = d##i;
    R16(LOAD)
    ROUND(s, a) ROUND(a, b) ROUND(b, c) ROUND(c, d)
    R16(STORE)
#undef LOAD
#undef STORE
}

// The 4 x 4 outputs of a tile for 16 channels; lines of four tiles follow each other in a row.
static inline __attribute__((always_inline)) void transform_tile(IN m, int m_point, float16 *pixels)
{
    float16 half_done[24];
    UNROLL for (int j = 0; j < 6; j++) {
#define GET(i) g##i
#define PUT(i, value) half_done[(i) * 6 + j] = value
        float16 g0 = vload16(0, m + j * m_point), g1 = vload16(0, m + (6 + j) * m_point);
        float16 g2 = vload16(0, m + (12 + j) * m_point), g3 = vload16(0, m + (18 + j) * m_point);
        float16 g4 = vload16(0, m + (24 + j) * m_point), g5 = vload16(0, m + (30 + j) * m_point);
        OUTPUT_TRANSFORM(GET, PUT)
#undef GET
#undef PUT
    }
    UNROLL for (int i = 0; i < 4; i++) {
#define GET(j) half_done[i * 6 + (j)]
#define PUT(j, value) pixels[i * 16 + (j)] = value
        OUTPUT_TRANSFORM(GET, PUT)
#undef GET
#undef PUT
    }
}

static __attribute__((noinline)) float16 rare_activation(float16 x, int kind, float a, float b)
{
    return activate(x, kind, a, b);
}

static inline void finish(const Winograd *P, float16 x, float bias, IN res, OUT out, int count)
{
    x += bias;
    if (P->has_residual) {
        x += load_part(res, count);
    }
    if (P->act == 1) {
        x = max(x, (float16)(0.0f));
    } else if (P->act > 1) {
        x = rare_activation(x, P->act, P->a, P->b);
    }
    store_part(x, out, count);
}

// The outputs of 32 or 16 channels, the first of which is given, counted over all groups.
static void transform_output(
    IN m, int width, int channel, int count, IN bias, IN res, OUT out, const Winograd *P, int ty, int tx, int rows, int columns)
{
    for (int c = 0; c < count; c += 16) {
        const int channels = min(16, count - c);
        for (int r = 0; r < rows; r++) {
            for (int t = 0; t < columns; t += 4) {
                const int x = 4 * (tx + t);
                float16 pixels[64], planes[16];
                for (int i = 0; i < min(4, columns - t); i++) {
                    transform_tile(m + (r * columns + t + i) * width + c, P->m_point, pixels + 4 * i);
                }
                const int written = min(min(16, P->ow - x), 4 * (columns - t));
                for (int i = 0; i < 4; i++) {
                    const int y = 4 * (ty + r) + i;
                    if (y >= P->oh) {
                        break;
                    }
                    transpose(pixels + 16 * i, planes);
                    const int at = y * P->ow + x;
                    for (int k = 0; k < channels; k++) {
                        const int to = channel + c + k;
                        finish(P, planes[k], bias[P->bias + to], res + P->res + to * P->res_channel + at,
                               out + P->out + to * P->out_channel + at, written);
                    }
                }
            }
        }
    }
}

// Work-items take chunks in turns.
KERNEL void winograd4(IN in, IN weights, IN bias, IN res, OUT out, OUT scratch, const Winograd parameters)
{
    const Winograd copy = parameters;
    const Winograd *P = &copy;
    const int across = (P->tiles_x + P->chunk_x - 1) / P->chunk_x;
    const int chunks = across * ((P->tiles_y + P->chunk_y - 1) / P->chunk_y);
    const int padded = (P->oc + 15) & ~15;
    OUT v = scratch + P->scratch + get_global_id(0) * P->item;
    OUT m = v + (P->ic + P->depth - 1) / P->depth * P->v_depth;
    OUT u = m + 36 * P->m_point;
    for (int i = get_global_id(0); i < chunks * P->groups; i += get_global_size(0)) {
        const int group = i / chunks, chunk = i - group * chunks;
        const int ty = chunk / across * P->chunk_y, tx = chunk % across * P->chunk_x;
        const int rows = min(P->chunk_y, P->tiles_y - ty), columns = min(P->chunk_x, P->tiles_x - tx), tiles = rows * columns;
        const int room = (tiles + P->block - 1) / P->block * P->block;
        transform_input(in, P, P->in + group * P->ic * P->in_channel, ty, tx, rows, columns, v);
        // Transformed weights are [group][point][tile of channels][input channel][channel], others [group][tile of channels]...
        IN own = weights + P->weights + (size_t)group * padded * P->ic * (P->transforms_weights ? 9 : 36);
        for (int point = 0; point < (P->transforms_weights ? 0 : 36); point++) {
            for (int c = 0; c < P->oc; c += 32) {
                multiply(own + ((size_t)point * padded + c) * P->ic, v + point * P->v_point, P, P->ic, tiles,
                         padded - c > 16 ? 32 : 16, 0, m + point * P->m_point + c * room);
            }
        }
        for (int c = 0; c < P->oc; c += 32) {
            const int width = padded - c > 16 ? 32 : 16;
            OUT sums = m + (P->transforms_weights ? 0 : c * room);
            if (P->transforms_weights) {
                multiply_weights(own + (size_t)c * 9 * P->ic, v, P, tiles, width, u, sums);
            }
            transform_output(sums, width, group * P->oc + c, min(width, P->oc - c), bias, res, out, P, ty, tx, rows, columns);
        }
    }
}
