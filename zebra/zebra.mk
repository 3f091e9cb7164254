# SPDX-License-Identifier: GPL-2.0-or-later
zebra_SHELL := main clients nl_sock dplane kernel
