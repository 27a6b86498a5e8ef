/* Shows a program an older x86 processor than the one it runs on, at full speed.
 *
 * Loaded before everything else (LD_PRELOAD), it has the kernel trap each `cpuid` instruction
 * (arch_prctl(2), ARCH_SET_CPUID: Intel's CPUID faulting) and answers with the newer instruction
 * sets taken out: Intel, Software Developer's Manual, volume 2A, CPUID, leaf 7. A runtime then
 * takes the kernels that it would take there. SHOWN is the processor: "avx512" has no VNNI and
 * nothing newer, "avx2" no AVX-512 either; SHOWN_CPUINFO is the file that stands for /proc/cpuinfo.
 * Where nothing can be hidden, as in a program under an emulator, that file is not shown. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012
#define BIT(n) (1u << (n))

/* Leaf 7, subleaf 0. Foundation, DQ, CD, BW, VL: what the first AVX-512 servers had. */
#define EBX_AVX512 (BIT(16) | BIT(17) | BIT(28) | BIT(30) | BIT(31))
/* IFMA, PF, ER; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; 4VNNIW, 4FMAPS, VP2INTERSECT, AMX, FP16. */
#define EBX_NEWER (BIT(21) | BIT(26) | BIT(27))
#define ECX_NEWER (BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14))
#define EDX_NEWER (BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25))
/* Leaf 7, subleaf 1. AVX-VNNI, BF16, AMX-FP16, AVX-IFMA; AVX-VNNI-INT8 and -INT16 and others. */
#define EAX_1_NEWER (BIT(4) | BIT(5) | BIT(21) | BIT(23))
#define EDX_1_NEWER (BIT(4) | BIT(5) | BIT(8) | BIT(10) | BIT(19))

enum { EAX, EBX, ECX, EDX };

static int hides_avx512;
static const char *cpuinfo;
static struct sigaction chained; /* what the program asked for on SIGSEGV */

static int (*real_sigaction)(int, const struct sigaction *, struct sigaction *);

static long trap_cpuid(int on) { return syscall(SYS_arch_prctl, ARCH_SET_CPUID, !on); }

static void hide(uint32_t leaf, uint32_t subleaf, uint32_t *registers) {
    if (leaf != 7) return;
    if (subleaf == 0) {
        registers[EBX] &= ~(EBX_NEWER | (hides_avx512 ? EBX_AVX512 : 0));
        registers[ECX] &= ~ECX_NEWER;
        registers[EDX] &= ~EDX_NEWER;
    } else if (subleaf == 1) {
        registers[EAX] &= ~EAX_1_NEWER;
        registers[EDX] &= ~EDX_1_NEWER;
    }
}

static void answer(greg_t *state) {
    uint32_t leaf = (uint32_t)state[REG_RAX], subleaf = (uint32_t)state[REG_RCX], found[4];
    trap_cpuid(0);
    __cpuid_count(leaf, subleaf, found[EAX], found[EBX], found[ECX], found[EDX]);
    trap_cpuid(1);
    hide(leaf, subleaf, found);
    state[REG_RAX] = found[EAX];
    state[REG_RBX] = found[EBX];
    state[REG_RCX] = found[ECX];
    state[REG_RDX] = found[EDX];
    state[REG_RIP] += 2; /* past the instruction */
}

static void on_fault(int number, siginfo_t *info, void *context) {
    greg_t *state = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)state[REG_RIP];
    if (info->si_code == SI_KERNEL && code[0] == 0x0f && code[1] == 0xa2) {
        answer(state);
    } else if (chained.sa_flags & SA_SIGINFO) {
        chained.sa_sigaction(number, info, context);
    } else if (chained.sa_handler != SIG_DFL && chained.sa_handler != SIG_IGN) {
        chained.sa_handler(number);
    } else { /* a real fault happens again, without this handler; a signal is sent again */
        struct sigaction plain = {.sa_handler = SIG_DFL};
        real_sigaction(SIGSEGV, &plain, NULL);
        if (info->si_code <= 0) raise(number);
    }
}

/* Programs that handle SIGSEGV themselves (Python's faulthandler) come after this handler. */
int sigaction(int number, const struct sigaction *asked, struct sigaction *before) {
    if (!real_sigaction) real_sigaction = dlsym(RTLD_NEXT, "sigaction");
    if (number != SIGSEGV || !getenv("SHOWN")) return real_sigaction(number, asked, before);
    if (before) *before = chained;
    if (asked) chained = *asked;
    return 0;
}

/* So do those that use the older call (gcc's own passes). */
void (*signal(int number, void (*handler)(int)))(int) {
    struct sigaction asked = {.sa_flags = SA_RESTART}, before;
    asked.sa_handler = handler;
    return sigaction(number, &asked, &before) ? SIG_ERR : before.sa_handler;
}

static const char *shown(const char *path) {
    return cpuinfo && path && !strcmp(path, "/proc/cpuinfo") ? cpuinfo : path;
}

#define OPEN(name)                                                    \
    int name(const char *path, int flags, ...) {                      \
        va_list rest;                                                 \
        va_start(rest, flags);                                        \
        int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; \
        va_end(rest);                                                 \
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
        return real(shown(path), flags, mode);                        \
    }

#define FOPEN(name)                                                   \
    FILE *name(const char *path, const char *mode) {                  \
        FILE *(*real)(const char *, const char *) = dlsym(RTLD_NEXT, #name); \
        return real(shown(path), mode);                               \
    }

OPEN(open)
OPEN(open64)
FOPEN(fopen)
FOPEN(fopen64)

__attribute__((constructor)) static void start(void) {
    const char *wanted = getenv("SHOWN");
    if (!wanted) return;
    hides_avx512 = !strcmp(wanted, "avx2");
    if (!real_sigaction) real_sigaction = dlsym(RTLD_NEXT, "sigaction");
    struct sigaction mine = {.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    mine.sa_sigaction = on_fault;
    real_sigaction(SIGSEGV, &mine, NULL);
    if (!trap_cpuid(1)) cpuinfo = getenv("SHOWN_CPUINFO");
}
