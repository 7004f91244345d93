/* Put before libc by LD_PRELOAD: every sync takes SLOW_SYNC_MS milliseconds longer, and is counted.
 *
 * The real sync is called after the wait, so that nothing is less durable than it was. The number of syncs of all
 * processes that are so started stands in the file SLOW_SYNC_COUNT, as eight bytes in the order of the machine. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static struct timespec longer;
static uint64_t *count;
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void begin(void)
{
    const char *ms = getenv("SLOW_SYNC_MS");
    const char *path = getenv("SLOW_SYNC_COUNT");
    double seconds = ms ? atof(ms) / 1e3 : 0;
    longer.tv_sec = (time_t)seconds;
    longer.tv_nsec = (long)((seconds - (double)longer.tv_sec) * 1e9);
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *found = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        count = found == MAP_FAILED ? NULL : found;
        close(file);
    }
}

static void wait_longer(void)
{
    struct timespec left = longer;
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
    if (count)
        __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
}

int fsync(int file)
{
    wait_longer();
    return real_fsync(file);
}

int fdatasync(int file)
{
    wait_longer();
    return real_fdatasync(file);
}
