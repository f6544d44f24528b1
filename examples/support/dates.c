/* SPDX-License-Identifier: MIT */
#include "dates.h"
#include <stdio.h>
#include <string.h>

/* Days before year y, month m (0 is March): a year that begins in March ends with its leap day,
   so that months have fixed offsets, and 400 years are always 146,097 days. */
static int32_t days_before(int32_t year, int32_t month)
{
    year -= month < 3;
    month = (month + 9) % 12;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 - 719469;
}

static int digits(const char *text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = 10 * value + text[i] - '0';
    }
    return value;
}

int32_t date_parse(const char *text)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') return NO_DATE;
    int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1) return NO_DATE;
    int32_t first = days_before(year, month), next = month < 12 ? days_before(year, month + 1) : days_before(year + 1, 1);
    return day <= next - first ? first + day : NO_DATE;
}

const char *date_format(int32_t day, char out[16])
{
    int32_t year = day < 0 ? 1968 + day / 365 : 1969 + day / 366, month = 1; /* at or before the year, never after */
    while (days_before(year + 1, 1) < day) year++;
    while (month < 12 && days_before(year, month + 1) < day) month++;
    snprintf(out, 16, "%04d-%02d-%02d", (int)(year % 10000), (int)month, (int)(day - days_before(year, month)) % 100);
    return out;
}
