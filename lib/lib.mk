# SPDX-License-Identifier: GPL-2.0-or-later
lib_SHELL := loop ipc zclient northbound log daemon priv
