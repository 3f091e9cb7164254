# SPDX-License-Identifier: GPL-2.0-or-later
bfdd_SHELL := main io wire_out echo_out clients links state log
