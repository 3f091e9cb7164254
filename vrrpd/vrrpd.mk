# SPDX-License-Identifier: GPL-2.0-or-later
vrrpd_SHELL := main io notify notifier health checkpoint zebra events
