# switch.S: the part of an instance that belongs to one thread: current goroutine, current M, and the C stack pointer with its limit.
#
# Globals of a wasm instance are per worker, cost one instruction, and no compiler may keep their value over a call: what
# _Thread_local cannot promise once goroutines change threads.
#
# build.sh rewrites every store to __stack_pointer, except in the functions of this file, into a call of gr_ck_sp (which
# wasm-opt inlines). So no C function gets a frame below gr_stack_limit.

    .globaltype __stack_pointer, i32

    .globaltype gr_g, i32           # goroutine running here, 0: the M's own stack
gr_g:
    .globaltype gr_m, i32           # M this thread is
gr_m:
    .globaltype gr_stack_limit, i32 # lowest C stack pointer allowed, 0: no limit (M's own stack)
gr_stack_limit:
    .globaltype gr_m_sp, i32        # the M's own C stack pointer while a goroutine runs here, 0: none has run yet
gr_m_sp:

    .functype gr_stack_overflow () -> ()

    .section .text.port_get_g,"",@
    .globl port_get_g
    .type port_get_g,@function
port_get_g:
    .functype port_get_g () -> (i32)
    global.get gr_g
    end_function

    .section .text.port_set_g,"",@
    .globl port_set_g
    .type port_set_g,@function
port_set_g:
    .functype port_set_g (i32) -> ()
    local.get 0
    global.set gr_g
    end_function

    .section .text.port_get_m,"",@
    .globl port_get_m
    .type port_get_m,@function
port_get_m:
    .functype port_get_m () -> (i32)
    global.get gr_m
    end_function

    .section .text.port_set_m,"",@
    .globl port_set_m
    .type port_set_m,@function
port_set_m:
    .functype port_set_m (i32) -> ()
    local.get 0
    global.set gr_m
    end_function

    .section .text.gr_get_sp,"",@
    .globl gr_get_sp
    .type gr_get_sp,@function
gr_get_sp:
    .functype gr_get_sp () -> (i32)
    global.get __stack_pointer
    end_function

# gr_set_sp(sp, limit): onto another C stack.
    .section .text.gr_set_sp,"",@
    .globl gr_set_sp
    .type gr_set_sp,@function
gr_set_sp:
    .functype gr_set_sp (i32, i32) -> ()
    local.get 1
    global.set gr_stack_limit
    local.get 0
    global.set __stack_pointer
    end_function

    .section .text.gr_set_m_sp,"",@
    .globl gr_set_m_sp
    .type gr_set_m_sp,@function
gr_set_m_sp:
    .functype gr_set_m_sp (i32) -> ()
    local.get 0
    global.set gr_m_sp
    end_function

# gr_to_m_stack(): leaves a goroutine's stack for good, for reports of what went wrong on it.
    .section .text.gr_to_m_stack,"",@
    .globl gr_to_m_stack
    .type gr_to_m_stack,@function
gr_to_m_stack:
    .functype gr_to_m_stack () -> ()
    i32.const 0
    global.set gr_stack_limit
    global.get gr_m_sp
    i32.eqz
    br_if 0
    global.get gr_m_sp
    global.set __stack_pointer
    end_function

# gr_ck_sp(sp): the checked store. gr_stack_overflow (switch.c) does not return.
    .section .text.gr_ck_sp,"",@
    .globl gr_ck_sp
    .type gr_ck_sp,@function
gr_ck_sp:
    .functype gr_ck_sp (i32) -> ()
    block
    local.get 0
    global.get gr_stack_limit
    i32.ge_u
    br_if 0
    call gr_stack_overflow
    unreachable
    end_block
    local.get 0
    global.set __stack_pointer
    end_function
    .export_name gr_ck_sp, gr_ck_sp
    .no_dead_strip gr_ck_sp

# gr_copy(to, from, n): memory.copy.
    .section .text.gr_copy,"",@
    .globl gr_copy
    .type gr_copy,@function
gr_copy:
    .functype gr_copy (i32, i32, i32) -> ()
    local.get 0
    local.get 1
    local.get 2
    memory.copy 0, 0
    end_function
