/* What a program reads and writes, and a simple model of the core's two caches of data: lines of 64
 * bytes, the one that was not used for the longest makes room, a line that is written is read first.
 * Nothing is fetched ahead, and addresses are those of the program. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cache { uint64_t sets, ways, misses, *lines; }; /* the lines of a set, the last used first */
static struct cache l1, l2;
static uint64_t bytes_read, bytes_written;

static int made(struct cache *cache, uint64_t bytes, uint64_t ways)
{
    cache->ways = ways, cache->sets = ways ? bytes / 64 / ways : 0;
    cache->lines = calloc(cache->sets * ways, sizeof *cache->lines);
    return cache->sets && cache->lines;
}

/* L1's bytes and ways, L2's bytes and ways; whether these are caches. */
static int make_caches(const char *text)
{
    unsigned long size[4];
    return sscanf(text, "%lu:%lu:%lu:%lu", size, size + 1, size + 2, size + 3) == 4
        && made(&l1, size[0], size[1]) && made(&l2, size[2], size[3]);
}

static int misses(struct cache *cache, uint64_t line)
{
    uint64_t *const set = cache->lines + line % cache->sets * cache->ways;
    uint64_t way = 0;
    const uint64_t mark = line + 1; /* 0 is a place without a line */
    while (way < cache->ways - 1 && set[way] != mark)
        way++;
    const int missed = set[way] != mark;
    memmove(set + 1, set, way * sizeof *set);
    set[0] = mark;
    cache->misses += missed;
    return missed;
}

static void accessed(unsigned thread, uint32_t what, uint64_t address, void *unused)
{
    const uint64_t bytes = UINT64_C(1) << qemu_plugin_mem_size_shift(what);
    (void)unused;
    if (thread != 0)
        return;
    *(qemu_plugin_mem_is_store(what) ? &bytes_written : &bytes_read) += bytes;
    for (uint64_t line = address / 64; line <= (address + bytes - 1) / 64; line++)
        if (misses(&l1, line))
            misses(&l2, line);
}

static void write_memory(FILE *file)
{
    fprintf(file, "memory bytes_read %" PRIu64 "\nmemory bytes_written %" PRIu64 "\n", bytes_read,
            bytes_written);
    fprintf(file, "memory l1_misses %" PRIu64 "\nmemory l2_misses %" PRIu64 "\n", l1.misses,
            l2.misses);
}
