/* SPDX-License-Identifier: MIT */
#include "io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_TRIES 100

static hw3_status io_error(hw3_ctx *ctx, const char *path, const char *what, int err)
{
    char text[128] = "";
    if (strerror_r(err, text, sizeof text)) snprintf(text, sizeof text, "error %d", err);
    return hw3i_fail(ctx, HW3_ERR_IO, "%.200s: cannot %s: %s", path, what, text);
}

static int open_retry(const char *path, int flags, mode_t mode)
{
    int fd;
    do fd = open(path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

bool hw3i_file_exists(const char *path) { return access(path, F_OK) == 0; }

hw3_status hw3i_path_check(hw3_ctx *ctx, const char *who, const char *path)
{
    return path && path[0] ? HW3_OK : hw3i_fail(ctx, HW3_ERR_ARG, "%s: path is %s", who, path ? "empty" : "NULL");
}

static int fsync_retry(int fd)
{
    int r;
    do r = fsync(fd);
    while (r && errno == EINTR);
    return r;
}

/* Bytes read before the end of the file, at most n; -1 on an error. */
static int64_t read_all(int fd, char *p, int64_t n)
{
    int64_t done = 0;
    while (done < n) {
        ssize_t k = read(fd, p + done, (size_t)hw3i_min(n - done, 1 << 30));
        if (k == 0) break;
        if (k > 0) done += k;
        else if (errno != EINTR) return -1;
    }
    return done;
}

static int write_all(int fd, const char *p, int64_t n)
{
    while (n > 0) {
        ssize_t k = write(fd, p, (size_t)hw3i_min(n, 1 << 30));
        if (k < 0 && errno != EINTR) return -1;
        if (k > 0) p += k, n -= k;
    }
    return 0;
}

/* Opens a regular file to be read. */
static hw3_status open_file(hw3_ctx *ctx, const char *path, int *fd, int64_t *size)
{
    struct stat st;
    *fd = open_retry(path, O_RDONLY | O_NONBLOCK, 0); /* not to wait for the other end of a pipe */
    if (*fd < 0) return io_error(ctx, path, "open", errno);
    hw3_status s = HW3_OK;
    if (fstat(*fd, &st)) s = io_error(ctx, path, "read", errno);
    else if (!S_ISREG(st.st_mode)) s = hw3i_fail(ctx, HW3_ERR_IO, "%.200s: cannot read: not a regular file", path);
    if (s) close(*fd);
    *size = st.st_size;
    return s;
}

static hw3_status read_open(hw3_ctx *ctx, int fd, const char *path, int64_t size, int64_t max_bytes, char **out)
{
    if (size > max_bytes)
        return hw3i_fail(ctx, HW3_ERR_IO, "%.200s: cannot read: %lld bytes, but at most %lld are allowed", path, (long long)size,
                         (long long)max_bytes);
    char *p = hw3i_alloc(ctx, size + 1, 1);
    if (!p) return HW3_ERR_NOMEM;
    int64_t got = read_all(fd, p, size);
    if (got != size) {
        hw3_status s = got < 0 ? io_error(ctx, path, "read", errno)
                               : hw3i_fail(ctx, HW3_ERR_IO, "%.200s: cannot read: it ended after %lld of %lld bytes", path,
                                           (long long)got, (long long)size);
        hw3i_free(ctx, p);
        return s;
    }
    p[size] = 0;
    *out = p;
    return HW3_OK;
}

hw3_status hw3i_file_read(hw3_ctx *ctx, const char *path, int64_t max_bytes, char **out, int64_t *n_bytes)
{
    int fd;
    int64_t size;
    *out = NULL;
    *n_bytes = 0;
    hw3_status s = open_file(ctx, path, &fd, &size);
    if (s) return s;
    s = read_open(ctx, fd, path, size, hw3i_min(max_bytes, INT64_MAX - 1), out);
    close(fd);
    if (!s) *n_bytes = size;
    return s;
}

hw3_status hw3i_file_map(hw3_ctx *ctx, const char *path, hw3i_bytes *out)
{
    int fd;
    int64_t size;
    *out = (hw3i_bytes){ 0 };
    hw3_status s = open_file(ctx, path, &fd, &size);
    if (s) return s;
    void *data = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    const bool mapped = data != MAP_FAILED;
    char *read = NULL;
    if (!mapped) s = read_open(ctx, fd, path, size, INT64_MAX - 1, &read);
    close(fd);
    if (!s) *out = (hw3i_bytes){ mapped ? data : read, size, mapped };
    return s;
}

void hw3i_bytes_free(hw3_ctx *ctx, hw3i_bytes *b)
{
    if (b->mapped) munmap(b->data, (size_t)b->n);
    else hw3i_free(ctx, b->data);
    *b = (hw3i_bytes){ 0 };
}

/* A new file PATH.tmp-PROCESS-NUMBER; temp has room for it. */
static int open_temp(const char *path, mode_t mode, char *temp, size_t room)
{
    int fd = -1;
    for (int i = 0; i < MAX_TRIES; i++) {
        snprintf(temp, room, "%s.tmp-%ld-%d", path, (long)getpid(), i);
        fd = open_retry(temp, O_WRONLY | O_CREAT | O_EXCL, mode);
        if (fd >= 0 || errno != EEXIST) break;
    }
    return fd;
}

/* After the rename the file is whole whether or not its name has reached the disk, so a failure here is only logged. */
static void sync_dir(hw3_ctx *ctx, const char *path, char *dir)
{
    strcpy(dir, path);
    char *slash = strrchr(dir, '/');
    if (slash) slash[slash == dir] = 0;
    else strcpy(dir, ".");
    int fd = open_retry(dir, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 || fsync_retry(fd)) hw3i_log(ctx, "%.200s: the directory could not be synced", path);
    if (fd >= 0) close(fd);
}

static hw3_status write_temp(hw3_ctx *ctx, int fd, const char *path, const hw3i_piece *pieces, int64_t n_pieces)
{
    for (int64_t i = 0; i < n_pieces; i++)
        if (write_all(fd, pieces[i].data, pieces[i].n_bytes)) return io_error(ctx, path, "write", errno);
    return fsync_retry(fd) ? io_error(ctx, path, "write", errno) : HW3_OK;
}

hw3_status hw3i_file_save(hw3_ctx *ctx, const char *path, const hw3i_piece *pieces, int64_t n_pieces)
{
    struct stat older;
    bool exists = !stat(path, &older);
    if (exists && !S_ISREG(older.st_mode)) return hw3i_fail(ctx, HW3_ERR_IO, "%.200s: cannot write: not a regular file", path);
    size_t room = strlen(path) + 48;
    char *temp = hw3i_alloc(ctx, (int64_t)room, 1);
    if (!temp) return HW3_ERR_NOMEM;
    int fd = open_temp(path, exists ? 0600 : 0666, temp, room);
    hw3_status s = fd < 0 ? io_error(ctx, path, "write", errno) : HW3_OK;
    if (fd >= 0) {
        if (exists && fchmod(fd, older.st_mode & 0777)) s = io_error(ctx, path, "set permissions of", errno);
        if (!s) s = write_temp(ctx, fd, path, pieces, n_pieces);
        if (close(fd) && !s) s = io_error(ctx, path, "write", errno);
        if (!s && rename(temp, path)) s = io_error(ctx, path, "write", errno);
        if (s) unlink(temp);
        else sync_dir(ctx, path, temp);
    }
    hw3i_free(ctx, temp);
    return s;
}
