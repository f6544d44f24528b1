/* SPDX-License-Identifier: MIT */
#ifndef HW3_EXAMPLES_FOLDER_H
#define HW3_EXAMPLES_FOLDER_H

/* Makes a folder, also within others that are not there. Returns 0, or -1 with a line on stderr. */
int folder_make(const char *path);

#endif
