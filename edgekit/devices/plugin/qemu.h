/* What the plugin takes of qemu's own functions. They are declared here, because no Debian package
 * has qemu-plugin.h. They are those of plugin API 1 (qemu 6.0) to 7: one of them has other arguments
 * since 3 and two have one more since 7, where older ones do not look at it. Since 7 functions that
 * are called back get no id, so that those here look whether the first argument is theirs. */
#include <stddef.h>
#include <stdint.h>

struct about { const char *target; struct { int oldest, newest; } api; }; /* how qemu_info_t begins */
typedef void (*call)(uintptr_t, uintptr_t);
typedef void (*syscall_call)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                             uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t);
typedef void (*executed_call)(unsigned, void *);
typedef void (*memory_call)(unsigned, uint32_t what, uint64_t address, void *);
enum { READS_AND_WRITES = 3 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, call, void *);
extern void qemu_plugin_register_vcpu_tb_exec_cb(void *block, executed_call, int flags, void *);
extern void qemu_plugin_register_vcpu_syscall_cb(uint64_t id, syscall_call, void *);
extern void qemu_plugin_register_vcpu_mem_cb(void *instruction, memory_call, int flags, int which,
                                             void *);
extern unsigned qemu_plugin_mem_size_shift(uint32_t what);
extern _Bool qemu_plugin_mem_is_store(uint32_t what);
extern void qemu_plugin_register_atexit_cb(uint64_t id, call, void *);
extern size_t qemu_plugin_tb_n_insns(const void *block);
extern void *qemu_plugin_tb_get_insn(const void *block, size_t index);
extern uintptr_t qemu_plugin_insn_data(const void *instruction, void *into, size_t bytes);
