/* Instructions of AArch64 by class, told apart by their encoding: "Arm Architecture Reference Manual
 * for A-profile", DDI 0487, C4.1 "A64 instruction set encoding". */
#include <stdint.h>

#define CLASSES(each) \
    each(dot) each(matrix) each(multiply_fp32) each(multiply_fp16) each(multiply_integer) \
    each(vector) each(vector_load) each(vector_loads) each(vector_store) each(vector_stores) \
    each(load) each(store) each(branch) each(rest)
#define AS_ENUM(name) name,
#define AS_TEXT(name) #name,
enum { CLASSES(AS_ENUM) N };
static const char *const names[] = { CLASSES(AS_TEXT) };

static unsigned bits(uint32_t word, int high, int low)
{
    return word >> low & ((2u << (high - low)) - 1);
}

/* C4.1.94 "Loads and stores": bit 26 tells vectors, the rest depends on the group in bits 29:27. */
static int memory_class(uint32_t word)
{
    const unsigned group = bits(word, 29, 27), vector_too = bits(word, 26, 26);
    const int loads = group == 3 ? !bits(word, 24, 24) || bits(word, 23, 22) != 0
        : group == 7 && !vector_too
            ? bits(word, 23, 22) != 0 || (bits(word, 21, 21) && !bits(word, 11, 10)) /* atomic */
        : bits(word, 22, 22);
    if (!vector_too)
        return loads ? load : store;
    /* A pair, or a structure of several registers: opcode 0111 is one register, 1010 two, ... */
    const int several = group == 5 || (group == 1 && !bits(word, 24, 24) && bits(word, 15, 12) != 7);
    return loads ? several ? vector_loads : vector_load : several ? vector_stores : vector_store;
}

/* Operand by element: bits 15:12 are the operation, bit 29 the sign, bits 23:22 the size. */
static int element_class(uint32_t word)
{
    const unsigned operation = bits(word, 15, 12), u = bits(word, 29, 29), size = bits(word, 23, 22);
    if (operation == 14 || (operation == 15 && !u))
        return size == 3 ? multiply_fp32 : dot; /* 3: BFMLAL */
    if (operation == 1 || operation == 5 || operation == 9)
        return u && operation != 9 ? vector : size == 0 ? multiply_fp16 : multiply_fp32;
    if (size == 2 && (operation & 11) == (u ? 8u : 0u))
        return multiply_fp16; /* FMLAL: fp16 times fp16 into fp32; MLA and MUL by size below */
    return multiply_integer;
}

/* C4.1.95 "Data processing, scalar floating-point and advanced SIMD". Multiplications without an
 * addition are of the class of those with one: they take the same pipes. */
static int vector_class(uint32_t word)
{
    const unsigned u = bits(word, 29, 29), operation = bits(word, 15, 11);
    if ((word & 0x9f000400) == 0x0f000000)
        return element_class(word);
    if ((word & 0x9f208400) == 0x0e008400) { /* three registers, extension */
        const unsigned extra = operation & 15;
        return extra == 4 || extra == 5 || extra == 13 ? matrix
            : extra == 2 || extra == 3 || (extra == 15 && bits(word, 23, 22) == 1) ? dot
            : extra < 2 ? multiply_integer : vector;
    }
    if ((word & 0x9f60c400) == 0x0e400400) /* three registers, fp16 */
        return (operation & 7) == 1 && !u ? multiply_fp16
            : (operation & 7) == 3 && !bits(word, 23, 23) ? multiply_fp16 : vector;
    if ((word & 0x9f200400) == 0x0e200400) { /* three registers of the same kind */
        if ((operation == 25 && !u) || (operation == 27 && !bits(word, 23, 23)))
            return multiply_fp32;
        return operation == 18 || operation == 19 || operation == 22 ? multiply_integer : vector;
    }
    if ((word & 0x9f200c00) == 0x0e200000) /* three registers of different kinds */
        return operation >> 1 >= 8 && operation >> 1 <= 14 ? multiply_integer : vector;
    return vector;
}

static int class_of(uint32_t word)
{
    const unsigned group = bits(word, 28, 25); /* C4.1 */
    if ((group & 5) == 4)
        return memory_class(word);
    if ((group & 7) == 7)
        return vector_class(word);
    return (group & 14) == 10 && bits(word, 31, 25) != 0x6a ? branch : rest; /* 0x6a: system */
}
