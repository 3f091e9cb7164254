# SPDX-License-Identifier: GPL-2.0-or-later
bfdd_SHELL := main io clients wire_out checkpoint
