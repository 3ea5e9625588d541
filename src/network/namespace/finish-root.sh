# Replaces the host's /proc in a copy of the assembled root by that of this process namespace, which is empty as soon
# as this script has ended: nothing of the host is left underneath, and workers may mount their own over it.
set -eu
mount -o remount,bind,ro,nosuid,nodev,noexec /cache
mount -t proc -o nosuid,nodev,noexec proc /tmp
umount -l /proc
mount -n --move /tmp /proc
echo ready
read -r _ || exit 0
