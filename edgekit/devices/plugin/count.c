/* A plugin of qemu's user mode that counts the AArch64 instructions of a program, class by class.
 *
 *   qemu-aarch64 -plugin count.so,out=FILE,threads=main PROGRAM
 *
 * Instructions are told apart by their encoding when a block is translated ("Arm Architecture
 * Reference Manual for A-profile", DDI 0487, C4.1 "A64 instruction set encoding"); what runs
 * afterwards is one addition a block. At exit FILE has a line "class number" for each class. Only
 * the main thread is counted, unless with threads=all.
 *
 * The few functions are declared here, because no Debian package has qemu-plugin.h. They are those
 * of plugin API 1 (qemu 6.0) to 7: one of them has other arguments since 3 and two have one more
 * since 7, where older ones do not look at it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct about { const char *target; struct { int oldest, newest; } api; }; /* how qemu_info_t begins */
typedef void (*call)(uintptr_t, uintptr_t);
typedef void (*executed_call)(unsigned, void *);

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, call, void *);
extern void qemu_plugin_register_vcpu_tb_exec_cb(void *block, executed_call, int flags, void *);
extern void qemu_plugin_register_atexit_cb(uint64_t id, call, void *);
extern size_t qemu_plugin_tb_n_insns(const void *block);
extern void *qemu_plugin_tb_get_insn(const void *block, size_t index);
extern uintptr_t qemu_plugin_insn_data(const void *instruction, void *into, size_t bytes);

#define CLASSES(each) \
    each(dot) each(matrix) each(multiply_fp32) each(multiply_fp16) each(multiply_integer) \
    each(vector) each(vector_load) each(vector_loads) each(vector_store) each(vector_stores) \
    each(load) each(store) each(branch) each(rest)
#define AS_ENUM(name) name,
#define AS_TEXT(name) #name,
enum { CLASSES(AS_ENUM) N };
static const char *const names[] = { CLASSES(AS_TEXT) };

struct block { struct block *next; uint64_t times; unsigned of[N]; };
static struct block *blocks;
static uint64_t self;
static char *out;
static int all_threads, api;
static pid_t process;

int qemu_plugin_version;

/* qemu takes plugins of its own API's number and of some older ones: say one that it takes. */
__attribute__((constructor)) static void choose_version(void)
{
    const int six = !!dlsym(RTLD_DEFAULT, "qemu_plugin_register_vcpu_syscall_filter_cb");
    qemu_plugin_version = six ? 6 : dlsym(RTLD_DEFAULT, "qemu_plugin_scoreboard_new") ? 2 : 1;
}

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

static uint32_t word_of(const void *instruction)
{
    uint32_t word = 0;
    const uintptr_t found = qemu_plugin_insn_data(instruction, &word, sizeof word);
    if (api < 3)
        memcpy(&word, (const void *)found, sizeof word);
    return word;
}

static void executed(unsigned thread, void *block)
{
    if (all_threads)
        __atomic_fetch_add(&((struct block *)block)->times, 1, __ATOMIC_RELAXED);
    else if (thread == 0)
        ((struct block *)block)->times++;
}

static void translated(uintptr_t first, uintptr_t second)
{
    void *const handle = (void *)(first == self ? second : first); /* since API 7 without the id */
    struct block *const block = calloc(1, sizeof *block);
    if (!block)
        abort();
    for (size_t index = 0; index < qemu_plugin_tb_n_insns(handle); index++)
        block->of[class_of(word_of(qemu_plugin_tb_get_insn(handle, index)))]++;
    do
        block->next = blocks;
    while (!__sync_bool_compare_and_swap(&blocks, block->next, block));
    qemu_plugin_register_vcpu_tb_exec_cb(handle, executed, 0, block);
}

static void at_exit(uintptr_t first, uintptr_t second)
{
    uint64_t total[N] = { 0 };
    FILE *const file = getpid() == process ? fopen(out, "w") : NULL; /* a fork counts nothing */
    (void)first, (void)second;
    if (!file)
        return;
    for (const struct block *block = blocks; block; block = block->next)
        for (int index = 0; index < N; index++)
            total[index] += block->times * block->of[index];
    for (int index = 0; index < N; index++)
        fprintf(file, "%s %" PRIu64 "\n", names[index], total[index]);
    fclose(file);
}

int qemu_plugin_install(uint64_t id, const struct about *about, int count, char **arguments)
{
    self = id, api = about->api.newest, process = getpid();
    for (int index = 0; index < count; index++) {
        if (!strncmp(arguments[index], "out=", 4))
            out = strdup(arguments[index] + 4);
        all_threads |= !strcmp(arguments[index], "threads=all");
    }
    if (!out || strcmp(about->target, "aarch64"))
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
