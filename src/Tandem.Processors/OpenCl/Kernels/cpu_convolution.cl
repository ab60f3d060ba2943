// Float32 NCHW convolution kernels for CPU OpenCL devices (tuned on PoCL / Zen 4 / AVX-512).
// Local size is always (1,1,1): on a CPU device a work-item is a task for one core, its vectors are explicit
// float16 values and its __local scratch is that core's private piece of the L2 cache.

typedef struct {
  int inOff, inCS, inEnd;          // input: element offset of channel 0 row 0, channel stride, buffer size in floats
  int outOff, outCS;               // output: element offset, channel stride (row pitch = OW)
  int resOff, resCS;               // residual operand (same geometry as the output)
  int wOff, bOff;                  // packed weights / bias element offsets
  int IC, H, W;                    // input channels PER GROUP, rows, columns (row pitch = W)
  int OC, OH, OW;                  // output channels PER GROUP, rows, columns
  int KH, KW, SH, SW, PH, PW, DH, DW;
  int T;                           // pixel tiles (conv_gemm) or rows (conv_direct) per work-item
  int ocn;                         // conv_gemm: output-channel tiles per work-item
  int flags;                       // bit 0: bias, bit 1: residual
  int act;                         // as in common.cl
  float a0, a1;
} ConvP;

#define WI1 __attribute__((reqd_work_group_size(1, 1, 1)))

// The activations of common.cl that need functions are rare and kept out of line.
#define ACT(N, F)                                                           \
__attribute__((noinline)) static F slow_act##N(F v, int act, float a0, float a1) { \
  if (act == 4) return 1.0f / (1.0f + exp(-v));                             \
  if (act == 5) return tanh(v);                                             \
  if (act == 8) return max(v, (F)0.0f) + a0 * (exp(min(v, (F)0.0f)) - 1.0f); \
  F h = min(max(a0 * v + a1, (F)0.0f), (F)1.0f);                            \
  return act == 7 ? v * h : h;                                              \
}                                                                           \
static inline F act##N(F v, int act, float a0, float a1) {                  \
  if (act == 1) v = max(v, (F)0.0f);                                        \
  else if (act == 2) v = min(max(v, (F)a0), (F)a1);                         \
  else if (act == 3) v = max(v, (F)0.0f) + a0 * min(v, (F)0.0f);            \
  else if (act > 3) v = slow_act##N(v, act, a0, a1);                        \
  return v;                                                                 \
}
ACT(16, float16) ACT(8, float8) ACT(4, float4) ACT(1, float)

// 14 pixels x 32 channels = 28 vector accumulators of the 32 registers. 14 divides the usual widths
// (224, 112, 56, 28, 14; 7 is the half tile), so few lanes are wasted; channels are the vector dimension
// because they come in multiples of 16 or 32 far more often than pixels do.
#define PT 14     // pixels per tile
#define KC 384    // K block: a 32-channel weight block (48 KiB) stays in L2 while all tiles use it
#define TMAX 16   // most tiles per work-item
#define REP14(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11) M(12) M(13)

// ---------------------------------------------------------------- packing
// One tile = 14 consecutive output pixels; panel row k = (kh, kw, ic) holds the
// 14 input values that tap k multiplies. Rows are written with 16-wide stores in
// ascending k, so each row's two junk lanes are overwritten by the next row.
static inline float16 ld_s2(__global const float *p) {
  float16 a = vload16(0, p), b = vload16(0, p + 15);   // 31 floats at most
  return (float16)(a.even, b.odd);
}

static void pack_tile(__global const float *in, const ConvP *P, int base, int p0, int np, __local float *dst) {
  int segL[PT], segN[PT], segY[PT], segX[PT];
  int ns = 0;
  for (int l = 0; l < np;) {
    int p = p0 + l, y = p / P->OW, x = p - y * P->OW;
    int n = min(np - l, P->OW - x);
    segL[ns] = l; segN[ns] = n; segY[ns] = y * P->SH - P->PH; segX[ns] = x * P->SW - P->PW;
    ns++; l += n;
  }
  const int IC = P->IC, CS = P->inCS, SW = P->SW, end = P->inEnd;
  const int span = SW == 1 ? 16 : 31;
  const int16 lane = (int16)(0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15);
  int segI[PT], seg0[PT], seg1[PT];
  for (int kh = 0; kh < P->KH; kh++)
    for (int kw = 0; kw < P->KW; kw++) {
      int full = 1;
      for (int s = 0; s < ns; s++) {
        int iy = segY[s] + kh * P->DH, ix = segX[s] + kw * P->DW;
        int i0 = ix >= 0 ? 0 : (-ix + SW - 1) / SW;
        int i1 = ix < P->W ? min(segN[s], (P->W - 1 - ix) / SW + 1) : 0;
        if (iy < 0 || iy >= P->H) i0 = i1 = 0;
        segI[s] = base + iy * P->W + ix; seg0[s] = i0; seg1[s] = i1;
      }
      if (ns == 1) {
        int i0 = seg0[0], i1 = seg1[0], b = segI[0];
        if (i1 <= i0) {
          for (int ic = 0; ic < IC; ic++, dst += PT) store16((float16)0.0f, dst);
          continue;
        }
        int16 m = (lane >= i0) & (lane < i1);
        for (int ic = 0; ic < IC; ic++, dst += PT, b += CS) {
          float16 v;
          if (SW <= 2 && b >= 0 && b + span <= end) {
            v = SW == 1 ? vload16(0, in + b) : ld_s2(in + b);
            store16(select((float16)0.0f, v, m), dst);
          } else
            for (int i = 0; i < 16; i++) dst[i] = i >= i0 && i < i1 ? in[b + i * SW] : 0.0f;
        }
      } else {
        for (int ic = 0; ic < IC; ic++, dst += PT)
          for (int s = 0; s < ns; s++) {
            int i0 = seg0[s], i1 = seg1[s], b = segI[s] + ic * CS;
            __local float *d = dst + segL[s];
            int16 m = (lane >= i0) & (lane < i1);
            if (i1 <= i0) store16((float16)0.0f, d);
            else if (SW <= 2 && b >= 0 && b + span <= end) {
              float16 v = SW == 1 ? vload16(0, in + b) : ld_s2(in + b);
              store16(select((float16)0.0f, v, m), d);
            } else
              for (int i = 0; i < 16; i++) d[i] = i >= i0 && i < i1 ? in[b + i * SW] : 0.0f;
          }
      }
    }
}

// ---------------------------------------------------------------- epilogue
// bias, residual, activation and store of n consecutive pixels of one output channel held in `s`
#define EPI(N, v) { float##N v_ = v + bs; if (P->flags & 2) v_ += vload##N(0, res + j); vstore##N(act##N(v_, P->act, P->a0, P->a1), 0, out + j); }
static inline __attribute__((always_inline)) void store_row(const ConvP *P, const float *s, float bs, __global const float *res, __global float *out, int n) {
  int j = 0;
  for (; j + 16 <= n; j += 16) EPI(16, vload16(0, s + j))
  if (n & 8) { EPI(8, vload8(0, s + j)) j += 8; }
  if (n & 4) { EPI(4, vload4(0, s + j)) j += 4; }
  for (; j < n; j++) {
    float v = s[j] + bs;
    if (P->flags & 2) v += res[j];
    out[j] = act1(v, P->act, P->a0, P->a1);
  }
}

#define ZLO(a, b) (float16)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3, a.s4, b.s4, a.s5, b.s5, a.s6, b.s6, a.s7, b.s7)
#define ZHI(a, b) (float16)(a.s8, b.s8, a.s9, b.s9, a.sa, b.sa, a.sb, b.sb, a.sc, b.sc, a.sd, b.sd, a.se, b.se, a.sf, b.sf)
// perfect-shuffle network: four rounds transpose 16 x 16
#define ROUND(S, D) \
  float16 D##0 = ZLO(S##0, S##8), D##1 = ZHI(S##0, S##8), D##2 = ZLO(S##1, S##9), D##3 = ZHI(S##1, S##9), \
          D##4 = ZLO(S##2, S##10), D##5 = ZHI(S##2, S##10), D##6 = ZLO(S##3, S##11), D##7 = ZHI(S##3, S##11), \
          D##8 = ZLO(S##4, S##12), D##9 = ZHI(S##4, S##12), D##10 = ZLO(S##5, S##13), D##11 = ZHI(S##5, S##13), \
          D##12 = ZLO(S##6, S##14), D##13 = ZHI(S##6, S##14), D##14 = ZLO(S##7, S##15), D##15 = ZHI(S##7, S##15);

// acc[0..13] = 16 channels of 14 pixels -> rows[channel * RP + 0..13] (two junk lanes after, overwritten by the next tile)
#define RP (TMAX * PT + 16)
static inline __attribute__((always_inline)) void transpose_tile(const float16 *acc, float *rows) {
#define LD(i) float16 s##i = acc[i];
#define ST(i) store16(d##i, rows + i * RP);
  REP14(LD)
  float16 s14 = 0.0f, s15 = 0.0f;
  ROUND(s, a) ROUND(a, b) ROUND(b, c) ROUND(c, d)
  REP14(ST) ST(14) ST(15)
#undef LD
#undef ST
}

// ---------------------------------------------------------------- micro-kernels
// Named accumulators, not arrays: they must stay in registers. Between K blocks they rest in acc[].
#define DECL2(i) float16 p##i, q##i;
#define ZERO2(i) p##i = 0.0f; q##i = 0.0f;
#define LOAD2(i) p##i = acc[i]; q##i = acc[i + 14];
#define STOR2(i) acc[i] = p##i; acc[i + 14] = q##i;
#define FMA2(i) { float16 x = (float16)(b[i]); p##i = fma(x, w0, p##i); q##i = fma(x, w1, q##i); }

static inline __attribute__((always_inline)) void micro32(__global const float *w, __local const float *b, int K, int first, float16 *acc) {
  REP14(DECL2)
  if (first) { REP14(ZERO2) } else { REP14(LOAD2) }
  for (int k = 0; k < K; k++) {
    float16 w0 = vload16(0, w), w1 = vload16(1, w);
    REP14(FMA2)
    w += 32; b += PT;
  }
  REP14(STOR2)
}

// the same for a tile of at most 7 pixels
#define REP7(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6)
static inline __attribute__((always_inline)) void micro32h(__global const float *w, __local const float *b, int K, int first, float16 *acc) {
  REP7(DECL2)
  if (first) { REP7(ZERO2) } else { REP7(LOAD2) }
  for (int k = 0; k < K; k++) {
    float16 w0 = vload16(0, w), w1 = vload16(1, w);
    REP7(FMA2)
    w += 32; b += PT;
  }
  REP7(STOR2)
}

#define DECL1(i) float16 p##i;
#define ZERO1(i) p##i = 0.0f;
#define LOAD1(i) p##i = acc[i];
#define STOR1(i) acc[i] = p##i;
#define FMA1(i) p##i = fma((float16)(b[i]), w0, p##i);
static inline __attribute__((always_inline)) void micro16(__global const float *w, __local const float *b, int K, int first, float16 *acc) {
  REP14(DECL1)
  if (first) { REP14(ZERO1) } else { REP14(LOAD1) }
  for (int k = 0; k < K; k++) {
    float16 w0 = vload16(0, w);
    REP14(FMA1)
    w += 16; b += PT;
  }
  REP14(STOR1)
}

// global = (pixel blocks, oc chunks, groups), local = 1
WI1 __kernel void conv_gemm(__global const float *in, __global const float *wp, __global const float *bias,
                        __global const float *res, __global float *out, const ConvP Pv, __local float *panel) {
  const ConvP P0 = Pv; const ConvP *P = &P0;
  const int K = P->IC * P->KH * P->KW, npx = P->OH * P->OW;
  const int T = P->T, g = get_global_id(2);
  const int p0 = get_global_id(0) * T * PT;
  const int nt = min(T, (npx - p0 + PT - 1) / PT);
  for (int t = 0; t < nt; t++)
    pack_tile(in, P, P->inOff + g * P->IC * P->inCS, p0 + t * PT, min(PT, npx - p0 - t * PT), panel + t * K * PT);

  const int oct = (P->OC + 31) / 32, rem = P->OC & 31;
  const int c0 = get_global_id(1) * P->ocn, c1 = min(oct, c0 + P->ocn);
  // a group's weights: full 32-wide tiles, then a 16-wide tile if at most 16 channels remain
  const int OCp = (P->OC + 15) / 16 * 16;
  __global const float *wg = wp + P->wOff + g * OCp * K;
  float16 acc[TMAX][28];
  float rows[16 * RP];
  for (int c = c0; c < c1; c++) {
    __global const float *w = wg + c * 32 * K;
    const int noc = min(32, P->OC - c * 32);
    const int ch = g * P->OC + c * 32;
    for (int k0 = 0; k0 < K; k0 += KC) {
      const int kn = min(KC, K - k0);
      for (int t = 0; t < nt; t++) {
        __local const float *b = panel + (t * K + k0) * PT;
        const int few = npx - p0 - t * PT <= 7;
        if (noc > 16) { if (few) micro32h(w + k0 * 32, b, kn, k0 == 0, acc[t]); else micro32(w + k0 * 32, b, kn, k0 == 0, acc[t]); }
        else micro16(w + k0 * 16, b, kn, k0 == 0, acc[t]);
      }
    }
    // Transposing through a row buffer turns the output into long contiguous runs per channel.
    const int n = min(nt * PT, npx - p0);
    for (int h = 0; h < noc; h += 16) {
      for (int t = 0; t < nt; t++) transpose_tile(acc[t] + (h ? 14 : 0), rows + t * PT);
      for (int i = 0; i < min(16, noc - h); i++) {
        const int o = ch + h + i;
        store_row(P, rows + i * RP, P->flags & 1 ? bias[P->bOff + o] : 0.0f,
                  res + P->resOff + o * P->resCS + p0, out + P->outOff + o * P->outCS + p0, n);
      }
    }
  }
}

// ---------------------------------------------------------------- direct convolution (few channels)
// Copies one input row into `dst`, zero padded and split by column phase: dst[f][j] = padded column j*S+f.
static void pad_row(__global const float *in, const ConvP *P, int b, int ok, int php, __local float *dst) {
  const int S = P->SW;
  for (int f = 0; f < S; f++, dst += php) {
    int j0 = max(0, (P->PW - f + S - 1) / S), x0 = j0 * S + f - P->PW;
    int n = ok && x0 < P->W ? min((P->W - 1 - x0) / S + 1, php - j0) : 0;
    if (n <= 0) { for (int j = 0; j < php; j += 16) store16((float16)0.0f, dst + j); continue; }
    for (int j = 0; j < j0; j += 16) store16((float16)0.0f, dst + j);
    __local float *d = dst + j0;
    int s = b + x0, j = 0;
    if (S == 1) for (; j < n && s + j + 16 <= P->inEnd; j += 16) store16(vload16(0, in + s + j), d + j);
    else if (S == 2) for (; j < n && s + 2 * j + 31 <= P->inEnd; j += 16) store16(ld_s2(in + s + 2 * j), d + j);
    for (; j < n; j++) d[j] = in[s + j * S];
    for (j = j0 + n; j < php; j += 16) store16((float16)0.0f, dst + j);
  }
}

// R output channels x V vectors of 16 pixels per step. global = (row bands, oc tiles, groups), local = 1.
// buf: rows * S * php floats of padded input (+ T * R * owp accumulators if IC > 1) + 32 floats of slack.
#define UNROLL _Pragma("unroll")
// For layers where im2col would not pay: every loaded row serves all taps from L1, and the
// accumulators of a whole row band stay in L2 while the input channels pass by.
#define CONV_DIRECT(NAME, R, V)                                                                      \
WI1 __kernel void NAME(__global const float *in, __global const float *wp, __global const float *bias, \
                   __global const float *res, __global float *out, const ConvP Pv, __local float *buf) {     \
  const ConvP P0 = Pv; const ConvP *P = &P0;                                                         \
  const int g = get_global_id(2), tl = get_global_id(1), T = P->T;                                   \
  const int y0 = get_global_id(0) * T, ny = min(T, P->OH - y0);                                      \
  const int S = P->SW, KW = P->KW, KH = P->KH, IC = P->IC;                                           \
  const int owp = (P->OW + 16 * V - 1) / (16 * V) * (16 * V);                                        \
  const int php = owp + (KW - 1) * P->DW / S, pitch = php * S;                                       \
  const int rows = (T - 1) * P->SH + (KH - 1) * P->DH + 1;                                           \
  const int need = (ny - 1) * P->SH + (KH - 1) * P->DH + 1;                                          \
  const int noc = min(R, P->OC - tl * R), ch = g * P->OC + tl * R;                                   \
  __local float *accb = buf + rows * pitch + 16;                                                     \
  __global const float *w = wp + P->wOff + (g * (int)get_global_size(1) + tl) * (IC * KH * KW * R);  \
  int koff[MAXKW];                                                                                   \
  for (int kw = 0; kw < KW; kw++) koff[kw] = (kw * P->DW % S) * php + kw * P->DW / S;                \
  float bs[R];                                                                                       \
  UNROLL for (int r = 0; r < R; r++) bs[r] = (P->flags & 1) && r < noc ? bias[P->bOff + ch + r] : 0.0f; \
  for (int ic = 0; ic < IC; ic++, w += KH * KW * R) {                                                \
    for (int r = 0; r < need; r++) {                                                                 \
      int iy = y0 * P->SH - P->PH + r;                                                               \
      pad_row(in, P, P->inOff + (g * IC + ic) * P->inCS + iy * P->W, iy >= 0 && iy < P->H, php, buf + r * pitch); \
    }                                                                                                \
    for (int y = 0; y < ny; y++)                                                                     \
      for (int x = 0; x < P->OW; x += 16 * V) {                                                      \
        float16 a[R][V];                                                                             \
        __local float *ab = accb + y * R * owp + x;                                                  \
        if (ic == 0) { UNROLL for (int r = 0; r < R; r++) UNROLL for (int v = 0; v < V; v++) a[r][v] = bs[r]; } \
        else { UNROLL for (int r = 0; r < R; r++) UNROLL for (int v = 0; v < V; v++) a[r][v] = vload16(v, ab + r * owp); } \
        __global const float *wk = w;                                                                \
        for (int kh = 0; kh < KH; kh++) {                                                            \
          __local const float *row = buf + (y * P->SH + kh * P->DH) * pitch + x;                     \
          for (int kw = 0; kw < KW; kw++, wk += R) {                                                 \
            __local const float *s = row + koff[kw];                                                 \
            float16 i_[V];                                                                           \
            UNROLL for (int v = 0; v < V; v++) i_[v] = vload16(v, s);                                \
            UNROLL for (int r = 0; r < R; r++) {                                                     \
              float16 c = (float16)(wk[r]);                                                          \
              UNROLL for (int v = 0; v < V; v++) a[r][v] = fma(c, i_[v], a[r][v]);                   \
            }                                                                                        \
          }                                                                                          \
        }                                                                                            \
        if (ic + 1 < IC) {                                                                           \
          UNROLL for (int r = 0; r < R; r++) UNROLL for (int v = 0; v < V; v++) store16(a[r][v], ab + r * owp + 16 * v); \
        } else {                                                                                     \
          UNROLL for (int r = 0; r < R; r++) if (r < noc) {                                          \
            const int o = (y0 + y) * P->OW + x;                                                      \
            UNROLL for (int v = 0; v < V; v++)                                                       \
              put16(P, a[r][v], res + P->resOff + (ch + r) * P->resCS + o + v * 16,                  \
                    out + P->outOff + (ch + r) * P->outCS + o + v * 16, P->OW - x - v * 16);         \
          }                                                                                          \
        }                                                                                            \
      }                                                                                              \
  }                                                                                                  \
}
#define MAXKW 64
static inline void put16(const ConvP *P, float16 v, __global const float *res, __global float *out, int n) {
  if (n <= 0) return;
  if (n >= 16) {
    if (P->flags & 2) v += vload16(0, res);
    store16(act16(v, P->act, P->a0, P->a1), out);
  } else {
    float t[16];
    if (P->flags & 2) { for (int i = 0; i < 16; i++) t[i] = i < n ? res[i] : 0.0f; v += vload16(0, t); }
    store16(act16(v, P->act, P->a0, P->a1), t);
    for (int i = 0; i < n; i++) out[i] = t[i];
  }
}
CONV_DIRECT(conv_direct1n, 1, 1)   // depthwise, rows of at most 32 outputs
CONV_DIRECT(conv_direct1, 1, 4)
CONV_DIRECT(conv_direct3, 3, 4)
CONV_DIRECT(conv_direct8, 8, 2)

// First layers: all rows of all (few) input channels are copied once, and sums never leave the registers.
// 4 x 7 = 28 accumulators of the 32 registers; 16 x 7 = 112 divides the usual widths. global = (row bands, 1, groups), local = 1.
// buf: IC * rows * S * php floats of padded input + slack; weights [tile][IC][KH*KW][R].
#define R 4
#define V7 7
WI1 __kernel void conv_rows4(__global const float *in, __global const float *wp, __global const float *bias,
                             __global const float *res, __global float *out, const ConvP Pv, __local float *buf) {
  const ConvP P0 = Pv; const ConvP *P = &P0;
  const int g = get_global_id(2), y0 = get_global_id(0) * P->T, ny = min(P->T, P->OH - y0);
  const int S = P->SW, KW = P->KW, KH = P->KH, IC = P->IC;
  const int owp = (P->OW + 16 * V7 - 1) / (16 * V7) * (16 * V7);
  const int php = owp + (KW - 1) * P->DW / S, pitch = php * S;
  const int need = (ny - 1) * P->SH + (KH - 1) * P->DH + 1;
  const int tiles = (P->OC + R - 1) / R;
  int koff[MAXKW];
  for (int kw = 0; kw < KW; kw++) koff[kw] = (kw * P->DW % S) * php + kw * P->DW / S;
  for (int ic = 0; ic < IC; ic++)
    for (int r = 0; r < need; r++) {
      const int iy = y0 * P->SH - P->PH + r;
      pad_row(in, P, P->inOff + (g * IC + ic) * P->inCS + iy * P->W, iy >= 0 && iy < P->H, php, buf + (ic * need + r) * pitch);
    }
  for (int y = 0; y < ny; y++)
    for (int x = 0; x < P->OW; x += 16 * V7)
      for (int tl = 0; tl < tiles; tl++) {
        const int noc = min(R, P->OC - tl * R), ch = g * P->OC + tl * R;
        __global const float *w = wp + P->wOff + (g * tiles + tl) * (IC * KH * KW * R);
        float16 a[R][V7];
        UNROLL for (int r = 0; r < R; r++) {
          const float bs = (P->flags & 1) && r < noc ? bias[P->bOff + ch + r] : 0.0f;
          UNROLL for (int v = 0; v < V7; v++) a[r][v] = bs;
        }
        for (int ic = 0; ic < IC; ic++)
          for (int kh = 0; kh < KH; kh++) {
            __local const float *row = buf + (ic * need + y * P->SH + kh * P->DH) * pitch + x;
            for (int kw = 0; kw < KW; kw++, w += R) {
              __local const float *s = row + koff[kw];
              const float16 c0 = w[0], c1 = w[1], c2 = w[2], c3 = w[3];
              UNROLL for (int v = 0; v < V7; v++) {
                const float16 i = vload16(v, s);
                a[0][v] = fma(c0, i, a[0][v]); a[1][v] = fma(c1, i, a[1][v]);
                a[2][v] = fma(c2, i, a[2][v]); a[3][v] = fma(c3, i, a[3][v]);
              }
            }
          }
        UNROLL for (int r = 0; r < R; r++) if (r < noc) {
          const int o = (y0 + y) * P->OW + x;
          UNROLL for (int v = 0; v < V7; v++)
            put16(P, a[r][v], res + P->resOff + (ch + r) * P->resCS + o + v * 16,
                  out + P->outOff + (ch + r) * P->outCS + o + v * 16, P->OW - x - v * 16);
        }
      }
}
#undef R
#undef V7

// ---------------------------------------------------------------- fully connected: y[b][m] = act(W[m][:] . x[b][:] + bias[m])
// W plain row-major. P: IC = K, OC = rows, T = batch, inCS/outCS/resCS = batch strides.
// One work-item = 4 rows (four streams keep the memory prefetchers busy), global = ceil(rows / 4).
#define FC4(M) M(0) M(1) M(2) M(3)
WI1 __kernel void fc(__global const float *in, __global const float *w, __global const float *bias,
                 __global const float *res, __global float *out, const ConvP Pv) {
  const ConvP P0 = Pv; const ConvP *P = &P0;
  const int m = get_global_id(0) * 4, K = P->IC;
#define FCW(i) __global const float *w##i = w + P->wOff + (size_t)min(m + i, P->OC - 1) * K;
  FC4(FCW)
  for (int b = 0; b < P->T; b++) {
    __global const float *x = in + P->inOff + b * P->inCS;
#define FCD(i) float16 a##i = 0.0f, c##i = 0.0f; float s##i = 0.0f;
    FC4(FCD)
    int k = 0;
    for (; k + 32 <= K; k += 32) {
      float16 x0 = vload16(0, x + k), x1 = vload16(0, x + k + 16);
#define FCM(i) a##i = fma(vload16(0, w##i + k), x0, a##i); c##i = fma(vload16(0, w##i + k + 16), x1, c##i);
      FC4(FCM)
    }
    for (; k < K; k++) {
#define FCT(i) s##i = fma(w##i[k], x[k], s##i);
      FC4(FCT)
    }
#define FCS(i) if (m + i < P->OC) { \
      a##i += c##i; float8 h = a##i.lo + a##i.hi; float4 q = h.lo + h.hi; float v = s##i + (q.x + q.y) + (q.z + q.w); \
      if (P->flags & 1) v += bias[P->bOff + m + i]; \
      if (P->flags & 2) v += res[P->resOff + b * P->resCS + m + i]; \
      out[P->outOff + b * P->outCS + m + i] = act1(v, P->act, P->a0, P->a1); }
    FC4(FCS)
  }
}

// ---------------------------------------------------------------- run-time packing of the left GEMM operand
// dst gets conv_gemm's weight layout from a[m * rs + k * cs] (m < M, k < K). global = ceil(M / 32).
WI1 __kernel void pack_a(__global const float *a, int off, int rs, int cs, int M, int K, __global float *dst, int dstOff) {
  const int c = get_global_id(0) * 32, tw = M - c > 16 ? 32 : 16;
  dst += dstOff + (size_t)c * K; a += off;
  for (int i = 0; i < tw; i++)
    for (int k = 0; k < K; k++) dst[k * tw + i] = c + i < M ? a[(c + i) * rs + k * cs] : 0.0f;
}
