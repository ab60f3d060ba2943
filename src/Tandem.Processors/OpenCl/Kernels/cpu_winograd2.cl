// Winograd convolution F(2x2, 3x3) of small planes on CPU-backed devices: Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks" (2016). 3x3 windows, stride 1, at most 8 x 8 outputs, so that all tiles of 2 x 2 outputs are one vector.
// Small planes are bound by reading weights, of which F(2x2) has 16 for each pair of channels where F(4x4) has 36.

#define UNROLL _Pragma("unroll")
#define SIDE 10         // a padded plane of inputs

typedef struct {
    int in, in_channel, out, out_channel, res, res_channel; // offsets, channel strides (floats)
    int u, bias, scratch;                                   // offsets
    int ic, h, w, oc, oh, ow;                               // channels of a group, extents
    int pad_y, pad_x;
    int tiles_x, tiles;             // tiles in a row, of a plane
    int v_point, m_point, item;     // floats of V and of M for one of the 16 points, and of a group's scratch memory
    int has_residual, act;
    float a, b;
} Winograd2;

// V[point][input channel][tile]
static void transform_input(IN in, const Winograd2 *P, OUT v)
{
    int at[16];
    for (int t = 0; t < 16; t++) {
        at[t] = t < P->tiles ? t / P->tiles_x * 2 * SIDE + t % P->tiles_x * 2 : 0;
    }
    float plane[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
        plane[i] = 0.0f;
    }
    const int y0 = max(0, P->pad_y), y1 = min(SIDE, P->h + P->pad_y);
    const int x0 = max(0, P->pad_x), x1 = min(SIDE, P->w + P->pad_x);
    for (int c = 0; c < P->ic; c++, in += P->in_channel, v += 16) {
        for (int y = y0; y < y1; y++) {
            for (int x = x0; x < x1; x++) {
                plane[y * SIDE + x] = in[(y - P->pad_y) * P->w + x - P->pad_x];
            }
        }
        float16 half_done[16];
        UNROLL for (int j = 0; j < 4; j++) {
            float16 d[4];
            UNROLL for (int i = 0; i < 4; i++) {
                const float *p = plane + i * SIDE + j;
                d[i] = (float16)(p[at[0]], p[at[1]], p[at[2]], p[at[3]], p[at[4]], p[at[5]], p[at[6]], p[at[7]],
                                 p[at[8]], p[at[9]], p[at[10]], p[at[11]], p[at[12]], p[at[13]], p[at[14]], p[at[15]]);
            }
            half_done[j] = d[0] - d[2];
            half_done[4 + j] = d[1] + d[2];
            half_done[8 + j] = d[2] - d[1];
            half_done[12 + j] = d[1] - d[3];
        }
        UNROLL for (int i = 0; i < 4; i++) {
            const float16 d0 = half_done[4 * i], d1 = half_done[4 * i + 1], d2 = half_done[4 * i + 2], d3 = half_done[4 * i + 3];
            store16(d0 - d2, v + (4 * i) * P->v_point);
            store16(d1 + d2, v + (4 * i + 1) * P->v_point);
            store16(d2 - d1, v + (4 * i + 2) * P->v_point);
            store16(d1 - d3, v + (4 * i + 3) * P->v_point);
        }
    }
}

// 8 tiles x 32 channels, or x 16. Asks for weights that come later, a share of them for each of two halves of the tiles.
#define PRODUCT(WIDTH)                                                                                      \
static __attribute__((noinline)) void product_##WIDTH(IN u, IN v, int depth, OUT m)                         \
{                                                                                                           \
    float16 sum[8][WIDTH / 16];                                                                             \
    UNROLL for (int t = 0; t < 8; t++) UNROLL for (int i = 0; i < WIDTH / 16; i++) sum[t][i] = 0.0f;         \
    IN next = u + depth * WIDTH;                                                                            \
    for (int k = 0; k < depth; k++, u += WIDTH, v += 16, next += WIDTH / 2) {                               \
        float16 w[WIDTH / 16];                                                                              \
        UNROLL for (int i = 0; i < WIDTH / 16; i++) w[i] = vload16(i, u);                                   \
        UNROLL for (int t = 0; t < 8; t++) {                                                                \
            const float16 x = (float16)(v[t]);                                                              \
            UNROLL for (int i = 0; i < WIDTH / 16; i++) sum[t][i] = fma(x, w[i], sum[t][i]);                \
        }                                                                                                   \
        __builtin_prefetch((const void *)(size_t)next, 0, 2);                                               \
    }                                                                                                       \
    UNROLL for (int t = 0; t < 8; t++)                                                                      \
        UNROLL for (int i = 0; i < WIDTH / 16; i++) store16(sum[t][i], m + 16 * (t * (WIDTH / 16) + i));           \
}
PRODUCT(32) PRODUCT(16)

// U[point][tile of channels][input channel][channel], M[point][tile of channels][tile][channel]
static void multiply(IN u, IN v, const Winograd2 *P, OUT m)
{
    const int padded = (P->oc + 15) & ~15;
    for (int point = 0; point < 16; point++) {
        for (int c = 0; c < padded; c += 32) {
            const int width = padded - c > 16 ? 32 : 16;
            IN weights = u + ((size_t)point * padded + c) * P->ic;
            for (int t = 0; t < P->tiles; t += 8) {
                IN from = v + point * P->v_point + t;
                OUT to = m + point * P->m_point + c * 16 + t * width;
                if (width == 32) product_32(weights, from, P->ic, to);
                else product_16(weights, from, P->ic, to);
            }
        }
    }
}

static __attribute__((noinline)) float16 rare_activation(float16 x, int kind, float a, float b)
{
    return activate(x, kind, a, b);
}

#define ZIP_LOW(a, b) (float16)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3, a.s4, b.s4, a.s5, b.s5, a.s6, b.s6, a.s7, b.s7)
#define ZIP_HIGH(a, b) (float16)(a.s8, b.s8, a.s9, b.s9, a.sa, b.sa, a.sb, b.sb, a.sc, b.sc, a.sd, b.sd, a.se, b.se, a.sf, b.sf)
// One of the four rounds of a perfect shuffle that transpose 16 x 16.
static inline __attribute__((always_inline)) void shuffle_round(const float16 *from, float16 *to)
{
    UNROLL for (int i = 0; i < 8; i++) {
        to[2 * i] = ZIP_LOW(from[i], from[i + 8]);
        to[2 * i + 1] = ZIP_HIGH(from[i], from[i + 8]);
    }
}

static void transform_output(IN m, IN bias, IN res, OUT out, const Winograd2 *P)
{
    const int padded = (P->oc + 15) & ~15, size = P->oh * P->ow;
    float16 pixels[64], other[16];
    for (int c = 0; c < P->oc; c += 16) {
        const int wide = c & ~31, width = padded - wide > 16 ? 32 : 16;
        for (int t = 0; t < P->tiles; t++) {
            IN from = m + wide * 16 + t * width + (c - wide);
            float16 half_done[8];
            UNROLL for (int j = 0; j < 4; j++) {
                const float16 g0 = vload16(0, from + j * P->m_point), g1 = vload16(0, from + (4 + j) * P->m_point);
                const float16 g2 = vload16(0, from + (8 + j) * P->m_point), g3 = vload16(0, from + (12 + j) * P->m_point);
                half_done[j] = g0 + g1 + g2;
                half_done[4 + j] = g1 - g2 - g3;
            }
            const int y = t / P->tiles_x * 2, x = t % P->tiles_x * 2;
            UNROLL for (int i = 0; i < 2; i++) {
                const float16 *g = half_done + 4 * i;
                if (y + i < P->oh) {
                    pixels[(y + i) * P->ow + x] = g[0] + g[1] + g[2];
                    if (x + 1 < P->ow) pixels[(y + i) * P->ow + x + 1] = g[1] - g[2] - g[3];
                }
            }
        }
        for (int p = 0; p < size; p += 16) {
            shuffle_round(pixels + p, other);
            shuffle_round(other, pixels + p);
            shuffle_round(pixels + p, other);
            shuffle_round(other, pixels + p);
            for (int k = 0; k < min(16, P->oc - c); k++) {
                float16 x = pixels[p + k] + bias[c + k];
                if (P->has_residual) x += load_part(res + (c + k) * P->res_channel + p, size - p);
                if (P->act == 1) x = max(x, (float16)(0.0f));
                else if (P->act > 1) x = rare_activation(x, P->act, P->a, P->b);
                store_part(x, out + (c + k) * P->out_channel + p, size - p);
            }
        }
    }
}

// global = groups
KERNEL void winograd2(IN in, IN u, IN bias, IN res, OUT out, OUT scratch, const Winograd2 parameters)
{
    const Winograd2 copy = parameters;
    const Winograd2 *P = &copy;
    const int group = get_global_id(0), padded = (P->oc + 15) & ~15;
    OUT v = scratch + P->scratch + group * P->item;
    OUT m = v + 16 * P->v_point;
    transform_input(in + P->in + group * P->ic * P->in_channel, P, v);
    multiply(u + P->u + (size_t)group * 16 * padded * P->ic, v, P, m);
    transform_output(m, bias + P->bias + group * P->oc, res + P->res + group * P->oc * P->res_channel,
                     out + P->out + group * P->oc * P->out_channel, P);
}
