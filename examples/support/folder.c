/* SPDX-License-Identifier: MIT */
#include "folder.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int folder_make(const char *path)
{
    char part[1024];
    struct stat info;
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part) errno = ENAMETOOLONG;
    else {
        for (char *slash = strchr(part + 1, '/'); part[0] && slash; slash = strchr(slash + 1, '/')) {
            *slash = '\0';
            mkdir(part, 0777); /* the last mkdir tells when this one failed */
            *slash = '/';
        }
        if (!mkdir(path, 0777)) return 0;
        if (errno == EEXIST && !stat(path, &info) && S_ISDIR(info.st_mode)) return 0;
    }
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return -1;
}
