/* A plugin of qemu's user mode that counts the AArch64 instructions of a program, class by class.
 *
 *   qemu-aarch64 -plugin count.so,out=FILE,threads=main,clocks=on PROGRAM
 *
 * Instructions are told apart when a block is translated; what runs afterwards is one addition a
 * block. At exit FILE has a line "class number" for each class. Only the main thread is counted,
 * unless with threads=all. With clocks=on a line "clock NANOSECONDS NUMBER ..." tells for each time
 * that the main thread asked the system for the time when that was, and how many instructions of
 * each class ran since it did so before: a runtime that profiles itself asks between operators. With
 * caches=BYTES:WAYS:BYTES:WAYS, of L1 and L2, lines "memory name number" tell what the main thread
 * reads and writes and how many lines of 64 bytes it finds in neither; that is slow.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "classes.h"
#include "qemu.h"
#include "memory.h"

enum { CLOCK_GETTIME = 113, GETTIMEOFDAY = 169 }; /* Linux on AArch64 */

struct block { struct block *next, *next_fresh; uint64_t times, seen; unsigned of[N]; };
struct reading { struct reading *next; uint64_t at, ran[N]; };
static struct block *blocks, *fresh; /* fresh: that ran since the last reading of the clock */
static struct reading *first_reading, **next_reading = &first_reading;
static uint64_t self;
static char *out;
static int all_threads, clocks, caches, api;
static pid_t process;

int qemu_plugin_version;

/* qemu takes plugins of its own API's number and of some older ones: say one that it takes. */
__attribute__((constructor)) static void choose_version(void)
{
    const int six = !!dlsym(RTLD_DEFAULT, "qemu_plugin_register_vcpu_syscall_filter_cb");
    qemu_plugin_version = six ? 6 : dlsym(RTLD_DEFAULT, "qemu_plugin_scoreboard_new") ? 2 : 1;
}

static uint32_t word_of(const void *instruction)
{
    uint32_t word = 0;
    const uintptr_t found = qemu_plugin_insn_data(instruction, &word, sizeof word);
    if (api < 3)
        memcpy(&word, (const void *)found, sizeof word);
    return word;
}

static void *zeros(size_t bytes)
{
    void *const found = calloc(1, bytes);
    if (!found)
        abort();
    return found;
}

static void executed_in_main(struct block *block)
{
    if (block->times++ == block->seen)
        block->next_fresh = fresh, fresh = block;
}

static void executed(unsigned thread, void *block)
{
    if (all_threads)
        __atomic_fetch_add(&((struct block *)block)->times, 1, __ATOMIC_RELAXED);
    else if (thread == 0)
        executed_in_main(block);
}

static void translated(uintptr_t first, uintptr_t second)
{
    void *const handle = (void *)(first == self ? second : first);
    struct block *const block = zeros(sizeof *block);
    for (size_t index = 0; index < qemu_plugin_tb_n_insns(handle); index++) {
        void *const instruction = qemu_plugin_tb_get_insn(handle, index);
        block->of[class_of(word_of(instruction))]++;
        if (caches)
            qemu_plugin_register_vcpu_mem_cb(instruction, accessed, 0, READS_AND_WRITES, NULL);
    }
    do
        block->next = blocks;
    while (!__sync_bool_compare_and_swap(&blocks, block->next, block));
    qemu_plugin_register_vcpu_tb_exec_cb(handle, executed, 0, block);
}

/* A block that ends in a system call was counted when it began, so that nothing is half done. */
static void note_clock(void)
{
    struct reading *const reading = zeros(sizeof *reading);
    struct timespec now;
    for (struct block *block = fresh; block; block = block->next_fresh) {
        for (int index = 0; index < N; index++)
            reading->ran[index] += (block->times - block->seen) * block->of[index];
        block->seen = block->times;
    }
    fresh = NULL;
    clock_gettime(CLOCK_MONOTONIC, &now); /* the program gets its own right behind this */
    reading->at = now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
    *next_reading = reading, next_reading = &reading->next;
}

static void called(uintptr_t first, uintptr_t second, uintptr_t third, uintptr_t a, uintptr_t b,
                   uintptr_t c, uintptr_t d, uintptr_t e, uintptr_t f, uintptr_t g, uintptr_t h)
{
    const unsigned thread = first == self ? second : first;
    const uintptr_t number = first == self ? third : second;
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    if (thread == 0 && (number == CLOCK_GETTIME || number == GETTIMEOFDAY))
        note_clock();
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
    for (const struct reading *reading = first_reading; reading; reading = reading->next) {
        fprintf(file, "clock %" PRIu64, reading->at);
        for (int index = 0; index < N; index++)
            fprintf(file, " %" PRIu64, reading->ran[index]);
        fputc('\n', file);
    }
    if (caches)
        write_memory(file);
    fclose(file);
}

int qemu_plugin_install(uint64_t id, const struct about *about, int count, char **arguments)
{
    self = id, api = about->api.newest, process = getpid();
    for (int index = 0; index < count; index++) {
        if (!strncmp(arguments[index], "out=", 4))
            out = strdup(arguments[index] + 4);
        all_threads |= !strcmp(arguments[index], "threads=all");
        clocks |= !strcmp(arguments[index], "clocks=on");
        if (!strncmp(arguments[index], "caches=", 7) && !(caches = make_caches(arguments[index] + 7)))
            return 1;
    }
    if (!out || strcmp(about->target, "aarch64"))
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
    if (clocks)
        qemu_plugin_register_vcpu_syscall_cb(id, called, NULL);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
