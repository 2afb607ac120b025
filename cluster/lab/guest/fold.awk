# Folded stacks of what `perf script -F comm,ip,sym` prints: a line a stack, the caller first, with
# how many samples have it. With `-F comm,time,ip,sym` a line a sample, its time in front. A frame is
# an address and a name, the innermost first; those of the kernel begin with ffff. Of a sample
# outside the kernel only that is kept.
function add() {
    if (comm == "") return
    stack = comm (inside == "" ? ";[user]" : inside)
    if (at == "") count[stack]++
    else print at, stack, 1
    comm = inside = at = ""
}
/^[^ \t]/ { add(); comm = $1; if ($NF ~ /^[0-9]+\.[0-9]+:$/) at = substr($NF, 1, length($NF) - 1); next }
!NF { add(); next }
$1 ~ /^ffff/ { sub(/\+0x[0-9a-f]+$/, "", $2); inside = ";" $2 inside }
END { add(); for (stack in count) print stack, count[stack] }
