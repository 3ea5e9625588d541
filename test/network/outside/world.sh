# A world of its own, in a network namespace: 20.60/16 and 2603:1030::/32 are public hosts, 20.61/16 swallows what is sent to
# it, 20.70.1.1 is an address of this machine, and 198.18/15 is where a worker dials names.
set -e
ip link set lo up
ip route add local 20.60.0.0/16 dev lo
ip -6 route add local 2603:1030::/32 dev lo
echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind
ip route add local 198.18.0.0/15 dev lo
ip route add 20.61.0.0/16 dev lo
ip address add 20.70.1.1/32 dev lo
exec "$@"
