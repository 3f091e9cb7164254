# SPDX-License-Identifier: GPL-2.0-or-later
ospfd_SHELL := main io rib_out bfd_out log
