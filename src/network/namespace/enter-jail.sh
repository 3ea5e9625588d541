# The first process of a worker's own namespaces, still with all their capabilities: what only it can set up.
# $1: size of /tmp; the rest: the program to become.
set -eu
mount -t tmpfs -o "mode=1777,nosuid,nodev,noexec,size=$1" tmp /tmp
# It lists the keys of the user that Postern runs as, by name.
mount --bind /dev/null /proc/keys
echo 0 >/proc/sys/user/max_user_namespaces
echo 500 >/proc/self/oom_score_adj
for descriptor in /proc/self/fd/*; do
  case ${descriptor##*/} in
    [012]) ;;
    *) if [ -e "$descriptor" ]; then echo "postern: descriptor ${descriptor##*/} was inherited" >&2 && exit 111; fi ;;
  esac
done
shift
cd /tmp
unset PWD OLDPWD
exec "$@"
