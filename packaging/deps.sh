#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what building, testing and the demo need, if it is not there. Debian 12, as root.
set -eu
BUILD="build-essential pkg-config libevent-dev libprotobuf-c-dev protobuf-c-compiler libyang2-dev libmnl-dev
 libcap-dev libseccomp-dev libreadline-dev libjansson-dev nettle-dev libxxhash-dev"
RUN="iproute2 procps python3 python3-yaml iputils-ping"
TEST="libcunit1-dev clang libclang-rt-14-dev python3-pexpect python3-scapy frr bird2 keepalived"
missing=
for p in $BUILD $RUN ${1-$TEST}; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
	echo "these Debian packages are missing:$missing" >&2
	exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# the routing peers must not start daemons on this machine: tests run them in their own namespaces
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' > $policy && chmod +x $policy && made=1
fi
trap '[ -z "$made" ] || rm -f $policy' EXIT
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
