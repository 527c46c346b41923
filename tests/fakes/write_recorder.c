/* Records every write, truncation and sync of the files in one folder, in order, while the program runs.
 *
 * Preloaded (LD_PRELOAD); RECORD_FOLDER is the folder watched, RECORD_LOG the file the records go to.
 * A record: operation (1 byte), length of the file's name (1), offset (8), length of the data (8), name, data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int out = -1;

static void put(const void *data, size_t length) {
    const char *rest = data;
    while (length > 0) {
        long done = syscall(SYS_write, out, rest, length);
        if (done <= 0) abort();
        rest += done;
        length -= (size_t)done;
    }
}

/* Lock and write the head of a record if the file is watched; returns whether it was. */
static int begin(char operation, int fd, int64_t offset, uint64_t length) {
    const char *folder = getenv("RECORD_FOLDER");
    char link[64], path[4096];
    if (folder == NULL) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long size = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    size_t prefix = strlen(folder);
    if (size <= (long)prefix || strncmp(path, folder, prefix) != 0 || path[prefix] != '/') return 0;
    path[size] = 0;
    const char *name = path + prefix + 1;
    uint8_t name_length = (uint8_t)strlen(name);
    pthread_mutex_lock(&turn);
    if (out < 0) out = open(getenv("RECORD_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    put(&operation, 1);
    put(&name_length, 1);
    put(&offset, 8);
    put(&length, 8);
    put(name, name_length);
    return 1;
}

static void end(void) { pthread_mutex_unlock(&turn); }

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    ssize_t done = syscall(SYS_pwrite64, fd, data, length, offset);
    if (done > 0 && begin('w', fd, offset, (uint64_t)done)) {
        put(data, (size_t)done);
        end();
    }
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    return pwrite64(fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length) {
    ssize_t done = syscall(SYS_write, fd, data, length);
    if (done > 0 && begin('a', fd, 0, (uint64_t)done)) {
        put(data, (size_t)done);
        end();
    }
    return done;
}

int ftruncate64(int fd, off64_t size) {
    int done = (int)syscall(SYS_ftruncate, fd, size);
    if (done == 0 && begin('t', fd, size, 0)) end();
    return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int number, int fd) {
    int done = (int)syscall(number, fd);
    if (done == 0 && begin('s', fd, 0, 0)) end();
    return done;
}

int fsync(int fd) { return synced(SYS_fsync, fd); }

int fdatasync(int fd) { return synced(SYS_fdatasync, fd); }
