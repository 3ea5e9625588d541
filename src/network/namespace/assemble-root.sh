# Makes the workers' read-only root in this mount namespace and moves into it. $1: an empty directory of the host to
# mount it on; $2: a folder of compiled code to fill the cache from, or nothing. Standard input: one `kind<TAB>target<TAB>source` a line, parents first, then `end`.
# Keeps the namespaces alive until standard input closes.
set -eu
umask 022
tab=$(printf '\t')
mount -t tmpfs -o mode=0755,nosuid,nodev,size=64m postern "$1"
cd "$1"
while IFS=$tab read -r kind target source; do
  case $kind in
    directory) mkdir -p ".$target" ;;
    link) ln -s "$source" ".$target" ;;
    text) printf '%b' "$source" >".$target" ;;
    folder) mkdir -p ".$target" && mount --rbind "$source" ".$target" ;;
    file) : >".$target" && mount --bind "$source" ".$target" ;;
    end) break ;;
    *) echo "unknown kind $kind" >&2 && exit 1 ;;
  esac
done

# Whatever is mounted by now is read-only from here on, also what lay below the folders. Flags that are there stay:
# the kernel locks those of mounts it lent.
while read -r _ _ _ _ point flags _; do
  point=$(printf '%b' "$point")
  case $point in
    "$1"/dev/*) mount -o "remount,bind,$flags,ro,nosuid,noexec" "$point" ;;
    "$1"/*) mount -o "remount,bind,$flags,ro,nosuid,nodev" "$point" ;;
  esac
done </proc/self/mountinfo

mount -t tmpfs -o mode=1777,nosuid,nodev,noexec,size=64m cache cache
# Without it workers are slower, and nothing else.
if [ -n "$2" ]; then cp -R "$2/." cache/ && chmod -R a+rX cache || true; fi
mount --rbind /proc proc
pivot_root . tmp
cd /
umount -l /tmp
mount -o remount,bind,ro,nosuid,nodev /
echo ready
read -r _ || exit 0
