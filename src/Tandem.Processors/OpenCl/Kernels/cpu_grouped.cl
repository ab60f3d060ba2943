// Convolutions of 1x1 in groups on CPU devices: a product of matrices for each group. Pixels are the vector: groups have few
// output channels, which would fill vectors badly, and neither input nor output needs to be rearranged.

typedef struct {
    int x, x_batch, x_channel;       // first element, elements from image to image and channel to channel
    int y, y_batch, y_channel;
    int r, r_batch, r_channel;
    int weight, bias;
    int groups, group_in, group_out;
    int pixels, pixels_per_item;
    int residual;                    // whether one is added
    int activation;
    float a, b;
} Grouped;

#define UNROLL _Pragma("unroll")
#define INLINE static inline __attribute__((always_inline))

// Output channels of a tile, and vectors of pixels: 24 sums of the 32 registers.
#define TILE_CHANNELS 6
#define TILE_VECTORS 4

// Weights of a tile lie as [input channel][channel of the tile].
INLINE void multiply(const Grouped* g, IN x, IN w, IN bias, IN residual, OUT y, int channels, int pixels, int vectors)
{
    uint lanes[TILE_VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) {
        lanes[v] = lanes_inside(v * 16, pixels, 16);
    }
    float16 sums[TILE_CHANNELS][TILE_VECTORS];
    UNROLL for (int t = 0; t < TILE_CHANNELS; t++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            sums[t][v] = (float16)(bias[min(t, channels - 1)]);
        }
    }
    for (int i = 0; i < g->group_in; i++) {
        float16 columns[TILE_VECTORS];
        UNROLL for (int v = 0; v < vectors; v++) {
            columns[v] = load_lanes16(x + v * 16, lanes[v]);
        }
        UNROLL for (int t = 0; t < TILE_CHANNELS; t++) {
            float16 weight = (float16)(w[t]);
            UNROLL for (int v = 0; v < vectors; v++) {
                sums[t][v] = fma(weight, columns[v], sums[t][v]);
            }
        }
        x += g->x_channel;
        w += TILE_CHANNELS;
    }
    UNROLL for (int t = 0; t < TILE_CHANNELS; t++) {
        if (t < channels) {
            UNROLL for (int v = 0; v < vectors; v++) {
                float16 sum = sums[t][v];
                if (g->residual) {
                    sum += load_lanes16(residual + t * g->r_channel + v * 16, lanes[v]);
                }
                sum = activate_rarely(sum, g->activation, g->a, g->b);
                store_lanes16(sum, y + t * g->y_channel + v * 16, lanes[v]);
            }
        }
    }
}

// Dimension 0 of the grid counts blocks of pixels, 1 groups, 2 images.
KERNEL void grouped_pointwise(
    IN x_memory, IN weight_memory, IN bias_memory, IN r_memory, OUT y_memory, const Grouped given)
{
    const Grouped copy = given;
    const Grouped* g = &copy;
    int group = get_global_id(1), n = get_global_id(2), channel = group * g->group_out;
    int tiles = (g->group_out + TILE_CHANNELS - 1) / TILE_CHANNELS;
    int last = min(g->pixels, (int)(get_global_id(0) + 1) * g->pixels_per_item);
    for (int p = get_global_id(0) * g->pixels_per_item; p < last;) {
        int vectors = last - p > (TILE_VECTORS - 1) * 16 ? TILE_VECTORS : last - p > 16 ? 2 : 1;
        int pixels = min(vectors * 16, last - p);
        IN x = x_memory + g->x + n * g->x_batch + group * g->group_in * g->x_channel + p;
        IN w = weight_memory + g->weight + group * tiles * g->group_in * TILE_CHANNELS;
        IN bias = bias_memory + g->bias + channel;
        IN residual = r_memory + g->r + n * g->r_batch + channel * g->r_channel + p;
        OUT y = y_memory + g->y + n * g->y_batch + channel * g->y_channel + p;
        for (int c = 0; c < g->group_out; c += TILE_CHANNELS) {
            int channels = min(TILE_CHANNELS, g->group_out - c);
            if (vectors == TILE_VECTORS) {
                multiply(g, x, w, bias, residual, y, channels, pixels, TILE_VECTORS);
            } else if (vectors == 2) {
                multiply(g, x, w, bias, residual, y, channels, pixels, 2);
            } else {
                multiply(g, x, w, bias, residual, y, channels, pixels, 1);
            }
            w += TILE_CHANNELS * g->group_in;
            bias += TILE_CHANNELS;
            residual += TILE_CHANNELS * g->r_channel;
            y += TILE_CHANNELS * g->y_channel;
        }
        p += vectors * 16;
    }
}
