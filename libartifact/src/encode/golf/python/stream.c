// A decoder of the streams of codec golf (docs/FORMAT.md, section 5) in C, which the emitted Python compiles when it
// is loaded. Trusts the artifact, which is the submission's own: looks at no checksum and no size. Names are those of
// the page. gcc and clang with -fwrapv: signed numbers wrap and shift as those of the page do.
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef long long Long;
typedef unsigned long long Wide;

static int clamp(Long v, int least, int greatest) { return v < least ? least : v > greatest ? greatest : v; }

static int bits_of(Wide v) {
  int bits = 0;
  for (; v; v >>= 1) bits++;
  return bits;
}

// 5.2: constants
static int log2_16(Wide v) {
  int e = bits_of(v) - 1, result = e;
  Wide m = e > 31 ? v >> (e - 31) : v << (31 - e);
  for (int bit = 16; bit--;) {
    m = m * m >> 31;
    result = 2 * result + (m >> 32);
    m >>= m >> 32;
  }
  return result;
}

static Wide exp2_31(Wide x) {
  Wide p = 1LL << 31;
  double root = .5;
  if (x >> 16 > 31) return 0;
  for (int bit = 16; bit--;) {
    root = sqrt(root);
    if (x >> bit & 1) p = p * (Wide)(root * 2147483648. + .5) >> 31;
  }
  return p >> (x >> 16);
}

static int scales_known, inverse[177], sigma[177];
static unsigned short tables[8][16385];

static unsigned short* shape_table(int shape) {
  static const int alpha[] = {5983, 25283, 46341, 76262, 92682, 107266, 112727, 116836};
  static const char beta[] = {2, 3, 4, 6, 8, 12, 16, 32};
  unsigned short* table = tables[shape] + 8192;
  if (*table) return table;
  Wide sum = 0, whole = 0;
  static Wide density[8193];
  for (int i = 0; i < 8192; i++) {
    int e = ((log2_16(64 * i + 32) - log2_16(alpha[shape])) * beta[shape] >> 2) + 34655;
    whole += density[i] = e < 983040 ? exp2_31(exp2_31(983040 - e)) : 0;
  }
  for (int k = 0; k < 8193; k++) {
    int above = sum * 65535 / (2 * whole);
    if (above > 32767) above = 32767;
    table[k] = 32768 + above;
    table[-k] = 32767 - above;
    sum += density[k];
  }
  return table;
}

// 5.3: side information
static const unsigned char* side;
static unsigned low, high, code;

static int decode(unsigned p) {
  unsigned cut = low + ((Wide)(high - low) * p >> 16);
  int bit = code <= cut;
  if (bit) {
    high = cut;
  } else {
    low = cut + 1;
  }
  while (low >> 24 == high >> 24) {
    low <<= 8;
    high = high << 8 | 255;
    code = code << 8 | *side++;
  }
  return bit;
}

static int raw(int count) {
  int v = 0;
  while (count--) v = 2 * v + decode(32768);
  return v;
}

// A cell of zeros has seen nothing: p is kept less 32768.
typedef struct {
  int p, n;
} Cell;

static int cell_bit(Cell* cell) {
  int p = cell->p + 32768, bit = decode(clamp(p, 32, 65504));
  cell->p += (Long)(65535 * bit - p) * (131072 / (2 * cell->n + 3)) >> 16;
  cell->n += cell->n < 60;
  return bit;
}

static int tree(Cell* cells, int count) {
  int node = 1;
  for (int i = count; i--;) node = 2 * node + cell_bit(cells + node);
  return node - (1 << count);
}

typedef struct {
  Cell differs[3], greater[3], more[25];
  int average, context, shift;
} Drift;

static int drifting(Drift* drift) {
  int e = clamp(drift->average + 8 >> 4, -100, 100), v = e;
  if (cell_bit(drift->differs + drift->context)) {
    int rises = e == -100 || (e < 100 && cell_bit(drift->greater + drift->context));
    int steps = 1, room = rises ? 100 - e : 100 + e;
    while (steps < room && cell_bit(drift->more + clamp(steps, 0, 24))) steps++;
    v += rises ? steps : -steps;
  }
  drift->context = clamp(abs(v - e), 0, 2);
  drift->average += 16 * v - drift->average >> drift->shift;
  drift->shift = 2;
  return v;
}

// 5.4: words
typedef struct {
  Cell top[256], first[8][4][8], rest[8][5];
} Words;

static void read_word(Words* words, int width, unsigned char* out) {
  int context = 0;
  out[width - 1] = tree(words->top, 8);
  for (int k = width - 1; k--;) {
    int node = 1;
    context = k == width - 2 ? out[width - 1] & 3 : 0;
    for (int i = 8; i--;) node = 2 * node + cell_bit(i > 4 ? &words->first[k][context][node] : &words->rest[k][i]);
    out[k] = node;
  }
}

static Cell coarse[256];
static int scale_average, scale_usual;

static void read_row_scales(unsigned char* out, int* norms, int count) {
  for (int i = 0, n = 0; i < count; i++) {
    int fine = clamp(bits_of(scale_usual) - 3, 0, 32), d = tree(coarse, 8);
    d = d < 255 ? (d - 128) * (1 << fine) + raw(fine) : (short)raw(16);
    int word = scale_average - norms[i] + d & 65535;
    memcpy(out + 2 * i, &word, 2);
    norms[i] += word & 32767;
    n += n < 32;
    scale_average += d / n;
    if (n > 1) scale_usual += (abs(d) - scale_usual) / n;
  }
}

// 6.1: weights and predicted scales
static void fit(Long* products, Long n, int columns, int given, int kind, Long prior, short* weights, int* scales) {
  int turned = kind == 2, factors = given ? given : columns;
  Long largest = 1, trace = 1, most = (1 << 27) - 1;
  for (int i = 0; i < columns; i++) {
    Long own = products[(Long)i * columns + i];
    if (own > largest) largest = own;
    trace += own;
  }
  largest += largest / n * prior + largest % n * prior / n;
  int up = 26 - bits_of(largest);
  short* w = calloc((Long)columns * columns, 2);
  short* v = malloc(4 * columns);  // of one row: the upper bits, then the lower 12
  Long* divisors = malloc(8 * columns);
  for (int i = 0; i < columns; i++) {
    Long place = turned ? columns - 1 - i : i, own = 0;
    short* own_weights = w + (Long)i * columns;
    for (int j = 0; j <= i; j++) {
      if (j >= factors && j < i) continue;
      Long other = turned ? columns - 1 - j : j;
      Long a = products[place > other ? place * columns + other : other * columns + place];
      a = up < 0 ? a >> -up : a << up;
      if (i == j) {
        a += a * prior / n;
        own = a = a < most ? a : most;
      }
      int above = 0, below = 0;
      short *wj = w + (Long)j * columns, *lower = v + columns;
      for (int k = 0; k < (j < factors ? j : factors); k++) {
        above += v[k] * wj[k];
        below += lower[k] * wj[k];
      }
      a = clamp(a - (4096LL * above + below >> 14), -most, most);
      v[j] = a >> 12;
      lower[j] = a & 4095;
      if (i == j) {
        Long d = a > own >> 8 ? a : own >> 8;
        divisors[i] = d > 1 ? d : 1;
      } else {
        own_weights[j] = clamp(a * 16384 / divisors[j], -32767, 32767);
      }
    }
    Long left = log2_16(divisors[i]) - 65536LL * up;
    left = turned ? log2_16(prior ? prior : 1) - left + 2 * (log2_16(trace) - log2_16(columns * n))
                  : left - log2_16(n + prior);
    scales[place] = clamp(left + 4096 >> 13, -48, 128);
  }
  for (int i = 0; i < columns; i++) {
    for (int k = 0; k < i; k++) {
      weights[(Long)i * columns + k] = turned ? -w[(Long)(columns - 1 - k) * columns + columns - 1 - i]
                                              : w[(Long)i * columns + k];
    }
  }
  free(w);
  free(v);
  free(divisors);
}

static int predicted(short* weights, short* inputs, int count, int shift) {
  int sum = 1 << (shift - 1);
  for (int k = 0; k < count; k++) sum += weights[k] * inputs[k];
  return clamp(sum >> shift, -2048, 2047);
}

static int normalized(int value, int scale) {
  return clamp((Long)value * inverse[clamp(scale, 0, 176)] >> 10, -1023, 1023);
}

// 5.5: int8 tensors
typedef struct {
  signed char* values;
  int rows, columns, *logs;
} Tensor;

typedef struct {
  Long n, *products;
  int given, columns;
} Statistics;

static Tensor* history;
static Statistics slots[4];
static Wide states[1024];
static const unsigned char* words_at;

static void int8_tensor(Tensor* out) {
  int lowest = raw(8) - 128, highest = raw(8) - 128, rows = out->rows, columns = out->columns;
  if (lowest == highest) {
    memset(out->values, lowest, (Long)rows * columns);
    return;
  }
  int transposed = raw(1);
  if (transposed) rows = columns, columns = out->rows;
  unsigned short* below = shape_table(raw(3));
  int escape_mass = raw(4), base = raw(8), block_log = raw(4), row_step = raw(2), column_step = raw(2), kind = raw(2);
  int prior = 0, refit_shift = 0, has_matches = 0, slot = 0, decay = 0, normalization = 0, given = 0;
  if (kind) {
    prior = raw(16);
    refit_shift = raw(2) + 1;
    has_matches = raw(1);
    slot = raw(2);
  }
  if (slot) decay = raw(2);
  int last_first = kind == 1 || kind == 2 ? raw(1) : 0;
  int* row_part = calloc(2 * (Long)rows, 4);  // first the predicted offsets; then the rows' places in the reference
  int* place = row_part + rows;
  short* reference = 0;
  if (kind > 2) {  // 6.4: reference tensors
    Tensor* source = out - raw(4);
    int turned = raw(1), group = raw(10) + 1, scale_gain;
    normalization = raw(8);
    scale_gain = raw(4) - 8;
    int sources = turned ? source->columns : source->rows, repeats = group * (rows / sources);
    given = turned ? source->rows : source->columns;
    reference = malloc(2LL * sources * given);
    Long average = 0;
    for (int r = 0; r < sources; r++) {
      Long squares = 1;
      for (int pass = 0, scale = 0; pass < 2; pass++) {
        for (int k = 0; k < given; k++) {
          int v = source->values[turned ? (Long)k * sources + r : (Long)r * given + k];
          squares += v * v;
          if (pass) reference[(Long)r * given + k] = normalized(v, scale);
        }
        scale = 48 + (log2_16(squares) - log2_16(given) >> 13);
      }
      if (!turned) average += source->logs[r];
    }
    average = average / sources - (average % sources < 0);
    for (int r = 0; r < rows; r++) {
      place[r] = r / repeats * group + r % group;
      if (scale_gain && row_step && !turned)
        row_part[r] = clamp((scale_gain * (source->logs[place[r]] - average) >> 8) >> row_step, -24, 24);
    }
  }
  char* is_zero = calloc(rows, 1);
  Drift row_drift = {0}, column_drift = {0}, block_drift = {0};
  Cell zero_cells[2] = {0};
  for (int r = 0, zero = 0; r < rows && row_step; r++) {
    if (lowest <= 0 && highest >= 0) is_zero[r] = zero = cell_bit(zero_cells + zero);
    row_part[r] = zero ? 0 : (row_part[r] + drifting(&row_drift)) * (1 << row_step);
  }
  int all = given + columns, blocks = (rows - 1 >> block_log) + 1;
  int* column_part = calloc(columns, 4);
  for (int c = 0; c < columns && column_step; c++) column_part[c] = drifting(&column_drift) * (1 << column_step);
  int* block_part = calloc(blocks, 4);
  for (int b = 0; b < blocks && kind; b++) block_part[b] = drifting(&block_drift);
  int* matches = 0;  // 6.3: for each row three rows and their gains
  short* left = 0;
  if (has_matches) {
    Cell another[3] = {0}, gain[32] = {0};
    matches = calloc(6LL * rows, 4);
    left = malloc(2LL * rows * columns);
    for (int r = 0; r < rows; r++) {
      int earlier = r >> block_log << block_log;
      for (int i = 0; i < 3 && earlier && cell_bit(another + i); i++) {
        matches[6LL * r + i] = raw(bits_of(earlier - 1));
        matches[6LL * r + 3 + i] = tree(gain, 5) - 16;
      }
    }
  }

  // 5.6: values, and 6.2: means
  int block_rows = 1 << block_log;
  Long n = 0, n_fit = 0, *products = 0;
  short *weights = 0, *inputs = 0, *seen = 0;
  int *sums = 0, *scales = calloc(all, 4);
  if (kind) {
    products = calloc((Long)all * all, 8);
    weights = calloc((Long)all * all, 2);
    inputs = malloc(2LL * all * block_rows);  // [rows, all]: what weights multiply
    seen = malloc(2LL * all * block_rows);    // what is learned from
    sums = malloc(4 * all);
    Statistics* start = slots + slot;
    if (slot && start->products && start->given == given && start->columns == columns) {
      n = start->n - (decay ? start->n >> decay : 0);
      for (Long i = 0; i < (Long)all * all; i++) {
        Long p = start->products[i];
        products[i] = p - (decay ? p >> decay : 0);
      }
    }
  }
  char* has_extreme = calloc((Long)rows + columns, 1);
  char* extreme_columns = has_extreme + rows;
  int absmax = escape_mass == 15, share = 65535 - highest + lowest;
  for (int b = 0; b < rows; b += block_rows) {
    int count = rows - b < block_rows ? rows - b : block_rows;
    if (kind && n && n - n_fit >= (all > n_fit ? all : n_fit) >> refit_shift) {
      n_fit = n;
      fit(products, n, all, given, kind, prior, weights, scales);
      for (int c = given; given && c < all; c++) scales[c] -= 80;
    }
    for (int r = 0; r < count && given; r++) {
      short* from = reference + (Long)place[b + r] * given;
      memcpy(seen + (Long)r * all, from, 2 * given);
      for (int k = 0; k < given; k++) {
        int linear = n_fit ? predicted(weights + (Long)k * all, inputs + (Long)r * all, k, 14) : 0;
        inputs[(Long)r * all + k] = from[k] - linear;
      }
    }
    for (int c = 0; c < columns; c++) {
      for (int r = 0; r < count; r++) {
        int row = b + r, value = 0, mean = 0, linear = 0;
        int own_scale = clamp(normalization + row_part[row], 0, 176);
        short* input = inputs + (Long)r * all;
        if (n_fit && given) {
          mean = predicted(weights + (Long)(given + c) * all, input, given, 14);
          mean = clamp((Long)mean * sigma[own_scale] + 1024 >> 11, -2048, 2047);
        } else if (n_fit) {
          mean = linear = predicted(weights + (Long)c * all, input, c, kind == 2 ? 10 : 14);
        }
        if (has_matches) {
          int taken = 8, *match = matches + 6LL * row;
          for (int i = 0; i < 3; i++) {
            if (match[3 + i]) taken += match[3 + i] * left[(Long)match[i] * columns + c];
          }
          mean = clamp(linear + (taken >> 4), -2048, 2047);
        }
        if (!is_zero[row]) {
          int scale = base + row_part[row] + column_part[c] + block_part[b >> block_log] + scales[given + c];
          int step = inverse[clamp(scale, 0, 176)], escape = 32 * escape_mass, floor = 0;
          if (absmax) escape = transposed ? extreme_columns[c] ? 0 : 32768 / (rows - b + 1)
                                          : has_extreme[row] ? 0 : 32768 / (columns - c + 1);
          Wide gain = share - 2 * escape;
#define BELOW(q) below[clamp((16 * (q) - 8 - mean) * step >> 9, -8192, 8192)]
          if (absmax) {
            floor = BELOW(lowest);
            int range = BELOW(highest + 1) - floor;
            gain = (gain << 16) / (range > 1 ? range : 1);
          }
          Wide x = states[r];
          unsigned begin = 0, end = 65536, target = x & 65535;
          int past = highest + 1;
          for (value = lowest; past - value > 1;) {
            int middle = value + past >> 1;
            unsigned at = middle - lowest + escape + ((BELOW(middle) - floor) * gain >> 16);
            if (at > target) {
              past = middle;
              end = at;
            } else {
              value = middle;
              begin = at;
            }
          }
          x = (end - begin) * (x >> 16) + target - begin;
          if (x < 1 << 24) {
            x = x << 16 | words_at[0] | words_at[1] << 8;
            words_at += 2;
          }
          states[r] = x;
        }
        int own = last_first ? rows - 1 - row : row;
        out->values[transposed ? (Long)c * rows + own : (Long)own * columns + c] = value;
        has_extreme[row] |= value == lowest || value == highest;
        if (has_matches) left[(Long)row * columns + c] = 16 * value - linear;
        if (kind && !given) {
          input[c] = kind == 2 ? value : 16 * value - linear;
          seen[(Long)r * all + c] = value;
        } else if (kind) {
          seen[(Long)r * all + given + c] = normalized(value, own_scale);
        }
      }
      // A transposed tensor's columns are its natural rows.
      for (int r = 0; r < count && transposed; r++) {
        extreme_columns[c] |= has_extreme[b + r];
        has_extreme[b + r] = 0;
      }
    }
    for (int i = 0; i < all && kind; i++) {
      memset(sums, 0, 4 * (i + 1));
      for (int r = 0; r < count; r++) {
        short *row = seen + (Long)r * all, factor = row[i];
        for (int j = 0; j <= i; j++) sums[j] += factor * row[j];
      }
      for (int j = 0; j <= i; j++) products[(Long)i * all + j] += sums[j];
    }
    n += count;
  }
  if (slot) {
    free(slots[slot].products);
    slots[slot] = (Statistics){n, products, given, columns};
  } else {
    free(products);
  }
  free(row_part);
  free(is_zero);
  free(column_part);
  free(block_part);
  free(matches);
  free(left);
  free(reference);
  free(weights);
  free(inputs);
  free(seen);
  free(sums);
  free(scales);
  free(has_extreme);
}

static Long varint(const unsigned char** at) {
  Long v = 0;
  for (int shift = 0;; shift += 7) {
    int byte = *(*at)++;
    v |= (byte & 127LL) << shift;
    if (byte < 128) return v;
  }
}

// 5.1: a stream. For each of `count` tensors `shapes` has the bytes of an element, rows, and columns.
void golf_stream(const unsigned char* data, int count, const int* shapes, unsigned char* out) {
  if (!scales_known++) {
    for (int s = 0; s < 177; s++) {
      inverse[s] = exp2_31(13 * 65536 + 4096 * s);
      sigma[s] = exp2_31(24 * 65536 - 4096 * s);
    }
  }
  int lanes = 1 << data[1], norm_count = 0, next_state = 0;
  const unsigned char* at = data + 2;
  Long side_bytes = 4;
  for (int i = 0; i < count; i++) {
    side_bytes += varint(&at);
    if (shapes[3 * i] < 2 && shapes[3 * i + 1] && shapes[3 * i + 2]) varint(&at);
  }
  side = at + 4;
  low = 0;
  high = -1;
  code = at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
  memset(states, 0, sizeof states);
  for (words_at = at + side_bytes; lanes--; words_at += 5) memcpy(states + next_state++, words_at, 5);
  memset(slots, 0, sizeof slots);
  memset(coarse, 0, sizeof coarse);
  scale_average = 8192;
  scale_usual = 128;
  Words* words = calloc(9, sizeof *words);
  history = calloc(count + 1, sizeof *history);
  Tensor* next = history;
  for (int i = 0; i < count; i++, shapes += 3) {
    int width = shapes[0], rows = shapes[1];
    Long size = (Long)rows * shapes[2], had_norms = norm_count;
    norm_count = 0;
    if (width > 1 && width == 2 && size == had_norms) {
      if (size) read_row_scales(out, next[-1].logs, size);
    } else if (width > 1) {
      for (Long k = 0; k < size; k++) read_word(words + width, width, out + width * k);
    } else if (size) {
      *next = (Tensor){(signed char*)out, rows, shapes[2], malloc(4LL * rows)};
      int8_tensor(next);
      for (int r = 0; r < rows; r++) {
        Long squares = 0;
        for (int c = 0; c < shapes[2]; c++) {
          int v = next->values[(Long)r * shapes[2] + c];
          squares += v * v;
        }
        next->logs[r] = squares ? log2_16(squares) >> 7 : 0;
      }
      norm_count = rows;
      next++;
    }
    out += width * size;
  }
  while (next-- > history) free(next->logs);
  free(history);
  free(words);
}
