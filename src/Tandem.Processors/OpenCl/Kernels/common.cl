// Shared by every file of kernels.
// CPU: 1 where CPU cores serve the device: one work-item per work-group, vectors of V floats, much work for an item.
// V: floats in a vector (16 or 1). CHUNK: elements that one work-item of an elementwise kernel takes.
// HALF_X, HALF_Z, HALF_W, HALF_Y: 1 where that operand is stored in half precision; only where V is 1.

#if CPU
#define KERNEL __kernel __attribute__((reqd_work_group_size(1, 1, 1)))
#else
#define KERNEL __kernel
#endif

#define IN __global const float*
#define OUT __global float*

#if CPU
// PoCL's vstore16 becomes three stores of 16, 16 and 32 bytes; a store through a type without alignment becomes one of 64.
typedef float16 __attribute__((aligned(4))) float16_anywhere;
static inline __attribute__((overloadable)) void store16(float16 v, __global float *p) { *(__global float16_anywhere*)p = v; }
static inline __attribute__((overloadable)) void store16(float16 v, __private float *p) { *(__private float16_anywhere*)p = v; }
static inline __attribute__((overloadable)) void store16(float16 v, __local float *p) { *(__local float16_anywhere*)p = v; }
#endif

#if V == 16
typedef float16 floatv;
#define LOADV(p) vload16(0, (p))
#define STOREV(v, p) store16((v), (p))
#define SPLAT(x) ((float16)(x))
#else
typedef float floatv;
#define LOADV(p) (*(p))
#define STOREV(v, p) (*(p) = (v))
#define SPLAT(x) (x)
#endif

// The first n elements at p as a vector; the other lanes are anything.
static inline floatv load_part(IN p, int n)
{
#if V == 16
    if (n >= 16) {
        return vload16(0, p);
    }
    float lanes[16];
    int i = 0;
    if (n & 8) { vstore8(vload8(0, p), 0, lanes); i = 8; }
    if (n & 4) { vstore4(vload4(0, p + i), 0, lanes + i); i += 4; }
    for (; i < n; i++) {
        lanes[i] = p[i];
    }
    return vload16(0, lanes);
#else
    return *p;
#endif
}

static inline void store_part(floatv v, OUT p, int n)
{
#if V == 16
    if (n >= 16) {
        store16(v, p);
        return;
    }
    float8 rest = v.lo;
    if (n & 8) { vstore8(rest, 0, p); p += 8; rest = v.hi; }
    float4 few = rest.lo;
    if (n & 4) { vstore4(few, 0, p); p += 4; few = rest.hi; }
    if (n & 2) { vstore2(few.lo, 0, p); p += 2; few.x = few.z; }
    if (n & 1) { *p = few.x; }
#else
    *p = v;
#endif
}

// n elements that lie stride apart, as a vector; the other lanes are anything.
static inline floatv load_strided(IN p, int stride, int n)
{
    if (stride == 1) {
        return load_part(p, n);
    }
    if (stride == 0) {
        return SPLAT(*p);
    }
#if V == 16
    if (n >= 16) {
        if (stride == 2) {
            return (float16)(vload16(0, p).even, vload16(0, p + 15).odd);
        }
        const int s = stride;
        return (float16)(
            p[0], p[s], p[2 * s], p[3 * s], p[4 * s], p[5 * s], p[6 * s], p[7 * s],
            p[8 * s], p[9 * s], p[10 * s], p[11 * s], p[12 * s], p[13 * s], p[14 * s], p[15 * s]);
    }
#endif
    float lanes[V];
    for (int i = 0; i < V; i++) {
        lanes[i] = i < n ? p[i * stride] : 0.0f;
    }
    return LOADV(lanes);
}

static inline void store_strided(floatv v, OUT p, int stride, int n)
{
    if (stride == 1) {
        store_part(v, p, n);
        return;
    }
    float lanes[V];
    STOREV(v, lanes);
    for (int i = 0; i < n; i++) {
        p[i * stride] = lanes[i];
    }
}

// Columns first, first + step, ... of a row that is width wide; columns outside are given the value outside.
static inline floatv load_columns(IN row, int first, int step, int width, float outside)
{
#if V == 16
    if (first >= 0 && step == 1 && first + 15 < width) {
        return vload16(0, row + first);
    }
    if (first >= 0 && step == 2 && first + 30 < width) {
        return (float16)(vload16(0, row + first).even, vload16(0, row + first + 15).odd);
    }
#endif
    float lanes[V];
    for (int i = 0; i < V; i++) {
        int column = first + i * step;
        lanes[i] = column >= 0 && column < width ? row[column] : outside;
    }
    return LOADV(lanes);
}

static inline float get(IN p, int i) { return p[i]; }

static inline void put(float v, OUT p, int i) { p[i] = v; }

#if V == 1
// The same for tensors that are stored in half precision, which every device can load and store; all computing is in float.
#define IN_HALF __global const half*
#define OUT_HALF __global half*

static inline float get_half(IN_HALF p, int i) { return vload_half(i, p); }

static inline void put_half(float v, OUT_HALF p, int i) { vstore_half_rte(v, i, p); }

static inline floatv load_part_half(IN_HALF p, int n) { return vload_half(0, p); }

static inline void store_part_half(floatv v, OUT_HALF p, int n) { vstore_half_rte(v, 0, p); }

static inline floatv load_strided_half(IN_HALF p, int stride, int n) { return vload_half(0, p); }

static inline void store_strided_half(floatv v, OUT_HALF p, int stride, int n) { vstore_half_rte(v, 0, p); }

static inline floatv load_columns_half(IN_HALF row, int first, int step, int width, float outside)
{
    return first >= 0 && first < width ? vload_half(first, row) : outside;
}
#endif

// What the main input (X), the second one or residual (Z), the weights (W) and the output (Y) of a kernel are stored as; X(name)
// is the function that gets at the input so. Biases and tables are always float.
#if HALF_X
#define XIN IN_HALF
#define X(name) name##_half
#else
#define XIN IN
#define X(name) name
#endif
#if HALF_Z
#define ZIN IN_HALF
#define Z(name) name##_half
#else
#define ZIN IN
#define Z(name) name
#endif
#if HALF_W
#define WIN IN_HALF
#define W(name) name##_half
#else
#define WIN IN
#define W(name) name
#endif
#if HALF_Y
#define YOUT OUT_HALF
#define Y(name) name##_half
#else
#define YOUT OUT
#define Y(name) name
#endif

// The left and the right operand of a matrix product: weights and a tensor, or two tensors (READS is how many tensors are read,
// where it matters; one that a convolution reads beside its input, which has a window, is a residual).
#if READS == 2 && !defined(WINDOW_ROWS)
#define LEFT_IN XIN
#define LEFT(name) X(name)
#define RIGHT_IN ZIN
#define RIGHT(name) Z(name)
#else
#define LEFT_IN WIN
#define LEFT(name) W(name)
#define RIGHT_IN XIN
#define RIGHT(name) X(name)
#endif

static inline float sum_lanes(floatv v)
{
#if V == 16
    float8 a = v.lo + v.hi;
    float4 b = a.lo + a.hi;
    float2 c = b.lo + b.hi;
    return c.x + c.y;
#else
    return v;
#endif
}

static inline float max_lanes(floatv v)
{
#if V == 16
    float8 a = max(v.lo, v.hi);
    float4 b = max(a.lo, a.hi);
    float2 c = max(b.lo, b.hi);
    return max(c.x, c.y);
#else
    return v;
#endif
}

// The activations that every kernel can end with; numbered as in Activation.cs.
static inline floatv activate(floatv x, int kind, float a, float b)
{
    switch (kind) {
    case 1: return max(x, SPLAT(0.0f));
    case 2: return min(max(x, SPLAT(a)), SPLAT(b));
    case 3: return max(x, SPLAT(0.0f)) + a * min(x, SPLAT(0.0f));
    case 4: return 1.0f / (1.0f + exp(-x));
    case 5: return tanh(x);
    case 6: return min(max(a * x + b, SPLAT(0.0f)), SPLAT(1.0f));
    case 7: return x * min(max(a * x + b, SPLAT(0.0f)), SPLAT(1.0f));
    case 8: return max(x, SPLAT(0.0f)) + a * (exp(min(x, SPLAT(0.0f))) - 1.0f);
    default: return x;
    }
}

#if CPU
// Loads and stores of the lanes whose bits are set; other lanes are zero, and their memory is not touched.
#if defined(__AVX512F__) && defined(__AVX512VL__)
// The built-in functions take pointers to private memory, which is the same memory on a CPU.
static inline float16 load_lanes16(IN p, uint lanes)
{
    return __builtin_ia32_loadups512_mask((const float*)(size_t)p, (float16)(0.0f), (ushort)lanes);
}

static inline float8 load_lanes8(IN p, uint lanes)
{
    return __builtin_ia32_loadups256_mask((const float8*)(size_t)p, (float8)(0.0f), (uchar)lanes);
}

static inline void store_lanes16(float16 v, OUT p, uint lanes)
{
    __builtin_ia32_storeups512_mask((float*)(size_t)p, v, (ushort)lanes);
}

static inline void store_lanes8(float8 v, OUT p, uint lanes)
{
    __builtin_ia32_storeups256_mask((float8*)(size_t)p, v, (uchar)lanes);
}
#else
#define LANES(N)                                                          \
static inline float##N load_lanes##N(IN p, uint lanes)                    \
{                                                                         \
    if (lanes == (1u << N) - 1) {                                         \
        return vload##N(0, p);                                            \
    }                                                                     \
    float v[N];                                                           \
    for (int i = 0; i < N; i++) {                                         \
        v[i] = lanes >> i & 1 ? p[i] : 0.0f;                              \
    }                                                                     \
    return vload##N(0, v);                                                \
}                                                                         \
                                                                          \
static inline void store_lanes##N(float##N v, OUT p, uint lanes)          \
{                                                                         \
    if (lanes == (1u << N) - 1) {                                         \
        vstore##N(v, 0, p);                                               \
        return;                                                           \
    }                                                                     \
    float each[N];                                                        \
    vstore##N(v, 0, each);                                                \
    for (int i = 0; i < N; i++) {                                         \
        if (lanes >> i & 1) {                                             \
            p[i] = each[i];                                               \
        }                                                                 \
    }                                                                     \
}
LANES(16)
LANES(8)
#endif

// The lanes i < most for which 0 <= first + i < extent.
static inline uint lanes_inside(int first, int extent, int most)
{
    int from = clamp(-first, 0, most);
    int to = clamp(extent - first, from, most);
    return ((1u << to) - 1) & ~((1u << from) - 1);
}

static __attribute__((noinline)) float16 activate_slowly(float16 v, int kind, float a, float b)
{
    return activate(v, kind, a, b);
}

// As activate, with the kinds that need functions out of line, so that they take no registers.
static inline float16 activate_rarely(float16 v, int kind, float a, float b)
{
    if (kind == 1) {
        return max(v, (float16)(0.0f));
    }
    if (kind == 2) {
        return min(max(v, (float16)(a)), (float16)(b));
    }
    if (kind == 7) {
        return v * min(max(a * v + b, (float16)(0.0f)), (float16)(1.0f));
    }
    return kind == 0 ? v : activate_slowly(v, kind, a, b);
}
#endif
