/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives back the memory of code that has run once. */
#ifndef GREVY_LIB_TRIM_H
#define GREVY_LIB_TRIM_H

/* For a process that waits from now on: the pages of programs and libraries that it needs again come back by themselves. */
void trim_text(void);

#endif
