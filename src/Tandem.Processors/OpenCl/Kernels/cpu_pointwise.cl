// 1x1 convolutions of stride 1 on CPU-backed devices: products of the weights with the input as a matrix of channels and pixels.
// Pixels are the vector, so results need no transposing. A work-item copies a tile of pixels of all input channels to memory
// of its own, which stays in the core's cache, and streams the weights past it once, tile after tile of output channels.

#define UNROLL _Pragma("unroll")
#define CHANNELS 8      // output channels of a tile: 8 x 3 vectors are 24 accumulators of the 32 registers
#define VECTORS 3
#define PIXELS (16 * VECTORS)

typedef struct {
    int in, in_channel, in_end;     // offset, channel stride (floats), floats that may be read
    int out, out_channel, res, res_channel;
    int weights, bias;              // offsets
    int ic, oc, pixels;             // channels of a group, pixels of a plane
    int tiles;                      // tiles of pixels for a work-item
    int has_residual, act;
    float a, b;
} Pointwise;

// The caches' hardware sees no pattern in rows of different channels; what is needed next is asked for ahead of time.
#define AHEAD(p) __builtin_prefetch((const void *)(size_t)(p), 0, 3)
#define AHEAD_TO_WRITE(p) __builtin_prefetch((const void *)(size_t)(p), 1, 3)

// panel[input channel][pixel of the tile]; lanes past the last pixel are anything.
static inline __attribute__((always_inline)) void copy_tile(
    IN in, const Pointwise *P, int at, int n, const int vectors, __local float *panel)
{
    for (int k = 0; k < P->ic; k++, at += P->in_channel, panel += 16 * vectors) {
        UNROLL for (int v = 0; v < vectors; v++) {
            if (at + 16 * v + 16 <= P->in_end) {
                store16(vload16(v, in + at), panel + 16 * v);
            } else {
                for (int i = 0; i < 16; i++) {
                    panel[16 * v + i] = 16 * v + i < n ? in[at + 16 * v + i] : 0.0f;
                }
            }
        }
    }
}

static __attribute__((noinline)) float16 rare_activation(float16 x, int kind, float a, float b)
{
    return activate(x, kind, a, b);
}

// CHANNELS x 16 vectors of one tile of pixels; next is the input of the tile after it, as far as it is to be asked for.
static inline __attribute__((always_inline)) void multiply_tile(
    IN w, __local const float *panel, IN bias, IN res, OUT out, const Pointwise *P,
    int channels, int n, const int vectors, IN next, const int asks)
{
    float16 sum[CHANNELS][VECTORS];
    UNROLL for (int r = 0; r < CHANNELS; r++) {
        float16 start = (float16)(r < channels ? bias[r] : 0.0f);
        UNROLL for (int v = 0; v < vectors; v++) {
            sum[r][v] = start;
        }
    }
    for (int r = 0; r < channels; r++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            AHEAD_TO_WRITE(out + r * P->out_channel + 16 * v);
            if (P->has_residual) {
                AHEAD(res + r * P->res_channel + 16 * v);
            }
        }
    }
    for (int k = 0; k < P->ic; k++, w += CHANNELS, panel += 16 * vectors) {
        float16 x[VECTORS];
        UNROLL for (int v = 0; v < vectors; v++) {
            x[v] = vload16(v, panel);
        }
        UNROLL for (int r = 0; r < CHANNELS; r++) {
            float16 factor = (float16)(w[r]);
            UNROLL for (int v = 0; v < vectors; v++) {
                sum[r][v] = fma(factor, x[v], sum[r][v]);
            }
        }
        if (asks) {
            UNROLL for (int v = 0; v < vectors; v++) {
                AHEAD(next + 16 * v);
            }
            next += P->in_channel;
        }
    }
    UNROLL for (int r = 0; r < CHANNELS; r++) {
        if (r < channels) {
            UNROLL for (int v = 0; v < vectors; v++) {
                float16 x = sum[r][v];
                const int count = n - 16 * v;
                if (P->has_residual) {
                    x += load_part(res + r * P->res_channel + 16 * v, count);
                }
                if (P->act == 1) {
                    x = max(x, (float16)(0.0f));
                } else if (P->act > 1) {
                    x = rare_activation(x, P->act, P->a, P->b);
                }
                store_part(x, out + r * P->out_channel + 16 * v, count);
            }
        }
    }
}

#define TILE(N)                                                                                                \
static __attribute__((noinline)) void tile_##N(                                                                \
    IN in, IN weights, IN bias, IN res, OUT out, const Pointwise *P, int at, int n, __local float *panel)      \
{                                                                                                              \
    copy_tile(in, P, at, n, N, panel);                                                                         \
    for (int c = 0; c < P->oc; c += CHANNELS) {                                                                \
        const int channels = min(CHANNELS, P->oc - c);                                                         \
        IN w = weights + (size_t)c * P->ic;                                                                    \
        IN r = res + c * P->res_channel;                                                                       \
        OUT o = out + c * P->out_channel;                                                                      \
        if (c == 0) multiply_tile(w, panel, bias, r, o, P, channels, n, N, in + at + PIXELS, 1);               \
        else multiply_tile(w, panel, bias + c, r, o, P, channels, n, N, in, 0);                                \
    }                                                                                                          \
}
TILE(1) TILE(2) TILE(3)

// global = (parts of the plane, groups)
KERNEL void pointwise(IN in, IN weights, IN bias, IN res, OUT out, const Pointwise parameters, __local float *panel)
{
    const Pointwise copy = parameters;
    const Pointwise *P = &copy;
    const int group = get_global_id(1), padded = (P->oc + CHANNELS - 1) / CHANNELS * CHANNELS;
    IN w = weights + P->weights + (size_t)group * padded * P->ic;
    IN b = bias + P->bias + group * P->oc;
    IN r = res + P->res + group * P->oc * P->res_channel;
    OUT o = out + P->out + group * P->oc * P->out_channel;
    const int base = P->in + group * P->ic * P->in_channel;
    const int first = get_global_id(0) * P->tiles * PIXELS, end = min(P->pixels, first + P->tiles * PIXELS);
    for (int p = first; p < end; p += PIXELS) {
        const int n = min(PIXELS, end - p);
        if (n > 32) tile_3(in, w, b, r + p, o + p, P, base + p, n, panel);
        else if (n > 16) tile_2(in, w, b, r + p, o + p, P, base + p, n, panel);
        else tile_1(in, w, b, r + p, o + p, P, base + p, n, panel);
    }
}
