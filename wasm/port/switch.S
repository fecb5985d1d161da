# switch.S: the part of an instance that belongs to one thread: current goroutine, current M, and the C stack
# pointer with its limit.
#
# Globals of a wasm instance are per worker, cost one instruction, and no compiler may keep their value over a call:
# what _Thread_local cannot promise once goroutines change threads.
#
# stack.mjs makes every store to __stack_pointer check, except in the functions of this file: so no C function gets a
# frame outside the segment in use (stacks.c).

    .globaltype __stack_pointer, i32

    .globaltype port_g, i32           # goroutine running here, 0: the M's own stack
port_g:
    .globaltype port_m, i32           # M this thread is
port_m:
    .globaltype port_stack_lo, i32    # lowest C stack pointer allowed, 0: no limit (M's own stack)
port_stack_lo:
    .globaltype port_stack_size, i32  # from there to the highest; linked.mjs lets it begin with all ones: no limit
port_stack_size:
    .globaltype port_m_sp, i32        # the M's own C stack pointer while a goroutine runs here, 0: none has run yet
port_m_sp:
    .globaltype rt_away, i32        # 1: this thread runs no goroutine that may call the runtime; so it begins
rt_away:
    .globaltype port_data_from, i32   # where static data begins that may change; linked.mjs sets it
port_data_from:

    .functype port_stack_more (i32, i32, i32) -> (i32)
    .functype port_stack_less (i32) -> (i32)

    .section .text.port_get_g,"",@
    .globl port_get_g
    .type port_get_g,@function
port_get_g:
    .functype port_get_g () -> (i32)
    global.get port_g
    end_function

    .section .text.port_set_g,"",@
    .globl port_set_g
    .type port_set_g,@function
port_set_g:
    .functype port_set_g (i32) -> ()
    local.get 0
    global.set port_g
    end_function

    .section .text.port_get_data_from,"",@
    .globl port_get_data_from
    .type port_get_data_from,@function
port_get_data_from:
    .functype port_get_data_from () -> (i32)
    global.get port_data_from
    end_function

    .section .text.port_get_m,"",@
    .globl port_get_m
    .type port_get_m,@function
port_get_m:
    .functype port_get_m () -> (i32)
    global.get port_m
    end_function

    .section .text.port_set_m,"",@
    .globl port_set_m
    .type port_set_m,@function
port_set_m:
    .functype port_set_m (i32) -> ()
    local.get 0
    global.set port_m
    end_function

    .section .text.port_is_away,"",@
    .globl port_is_away
    .type port_is_away,@function
port_is_away:
    .functype port_is_away () -> (i32)
    global.get rt_away
    end_function

    .section .text.port_set_away,"",@
    .globl port_set_away
    .type port_set_away,@function
port_set_away:
    .functype port_set_away (i32) -> ()
    local.get 0
    global.set rt_away
    end_function

    .section .text.port_get_sp,"",@
    .globl port_get_sp
    .type port_get_sp,@function
port_get_sp:
    .functype port_get_sp () -> (i32)
    global.get __stack_pointer
    end_function

# port_set_sp(sp, lo, size): onto another C stack.
    .section .text.port_set_sp,"",@
    .globl port_set_sp
    .type port_set_sp,@function
port_set_sp:
    .functype port_set_sp (i32, i32, i32) -> ()
    local.get 1
    global.set port_stack_lo
    local.get 2
    global.set port_stack_size
    local.get 0
    global.set __stack_pointer
    end_function

    .section .text.port_set_m_sp,"",@
    .globl port_set_m_sp
    .type port_set_m_sp,@function
port_set_m_sp:
    .functype port_set_m_sp (i32) -> ()
    local.get 0
    global.set port_m_sp
    end_function

# port_to_m_stack(): leaves a goroutine's stack for good, for reports of what went wrong on it.
    .section .text.port_to_m_stack,"",@
    .globl port_to_m_stack
    .type port_to_m_stack,@function
port_to_m_stack:
    .functype port_to_m_stack () -> ()
    i32.const 0
    global.set port_stack_lo
    i32.const -1
    global.set port_stack_size
    global.get port_m_sp
    i32.eqz
    br_if 0
    global.get port_m_sp
    global.set __stack_pointer
    end_function

# port_use_stack(ctx): onto the stack as port_ctx has it, {stack_lo, stack_hi, sp}.
    .section .text.port_use_stack,"",@
    .globl port_use_stack
    .type port_use_stack,@function
port_use_stack:
    .functype port_use_stack (i32) -> ()
    local.get 0
    i32.load 0
    global.set port_stack_lo
    local.get 0
    i32.load 4
    local.get 0
    i32.load 0
    i32.sub
    global.set port_stack_size
    local.get 0
    i32.load 8
    global.set __stack_pointer
    end_function

# Exported, so that wasm-opt does not inline it.
# port_stack_grow(sp, align): a frame at sp does not fit. Where it is instead. From the M's stack, as all that is done
# there.
    .section .text.port_stack_grow,"",@
    .globl port_stack_grow
    .type port_stack_grow,@function
port_stack_grow:
    .functype port_stack_grow (i32, i32) -> (i32)
    local.get 0
    local.get 1
    global.get __stack_pointer
    call port_to_m_stack
    call port_stack_more
    call port_use_stack
    global.get __stack_pointer
    end_function
    .export_name port_stack_grow, port_stack_grow
    .no_dead_strip port_stack_grow

# port_stack_shrink(sp): back to sp, in another segment.
    .section .text.port_stack_shrink,"",@
    .globl port_stack_shrink
    .type port_stack_shrink,@function
port_stack_shrink:
    .functype port_stack_shrink (i32) -> ()
    local.get 0
    call port_to_m_stack
    call port_stack_less
    call port_use_stack
    end_function
    .export_name port_stack_shrink, port_stack_shrink
    .no_dead_strip port_stack_shrink

# port_sp_far(sp): a function wants a frame or an array at sp, of any size and alignment. Where it is. (For frames of
# less than 64 KiB stack.mjs writes the same with one comparison: sp cannot have wrapped.)
    .section .text.port_sp_far,"",@
    .globl port_sp_far
    .type port_sp_far,@function
port_sp_far:
    .functype port_sp_far (i32) -> (i32)
    block
    local.get 0
    global.get port_stack_lo
    i32.sub
    global.get port_stack_size
    i32.le_u
    br_if 0
    local.get 0
    local.get 0
    i32.const 0
    local.get 0
    i32.sub
    i32.and
    call port_stack_grow
    return
    end_block
    local.get 0
    global.set __stack_pointer
    local.get 0
    end_function
    .export_name port_sp_far, port_sp_far
    .no_dead_strip port_sp_far

# port_sp_up(sp): a function returns, or what it allocated on the stack goes.
    .section .text.port_sp_up,"",@
    .globl port_sp_up
    .type port_sp_up,@function
port_sp_up:
    .functype port_sp_up (i32) -> ()
    block
    local.get 0
    global.get port_stack_lo
    i32.sub
    global.get port_stack_size
    i32.le_u
    br_if 0
    local.get 0
    call port_stack_shrink
    return
    end_block
    local.get 0
    global.set __stack_pointer
    end_function
    .export_name port_sp_up, port_sp_up
    .no_dead_strip port_sp_up

# port_tls_base(): where the thread-local variables of the running goroutine are, as compilers understand it:
# threadlocals.mjs puts a call of this in the place of __tls_base, which is the worker's. On an M's own stack they are
# the worker's (tls.c).
    .globaltype __tls_base, i32
    .functype port_tls_new () -> (i32)
    .section .text.port_tls_base,"",@
    .globl port_tls_base
    .type port_tls_base,@function
port_tls_base:
    .functype port_tls_base () -> (i32)
    .local i32
    block
    global.get port_g
    i32.eqz
    br_if 0
    global.get port_g
    i32.load 12
    local.tee 0
    i32.eqz
    br_if 0
    local.get 0
    return
    end_block
#ifdef __EMSCRIPTEN__
    block
    global.get port_g
    br_if 0
    global.get __tls_base
    return
    end_block
#endif
    call port_tls_new
    end_function
    .export_name port_tls_base, port_tls_base
    .no_dead_strip port_tls_base

#ifdef __EMSCRIPTEN__
# port_tls_fill(block): the variables as they are at first. The linker's function for it also makes them the worker's;
# that is undone.
    .functype __wasm_init_tls (i32) -> ()
    .section .text.port_tls_fill,"",@
    .globl port_tls_fill
    .type port_tls_fill,@function
port_tls_fill:
    .functype port_tls_fill (i32) -> ()
    .local i32
    global.get __tls_base
    local.set 1
    local.get 0
    call __wasm_init_tls
    local.get 1
    global.set __tls_base
    end_function
#else
# The last thread-local variable of a program: the user's files come first. port_tls_last_at(): where it is in memory;
# port_tls_last_offset(): what compilers add to __tls_base for it.
    .section .tdata.port_tls_last,"T",@
    .globl port_tls_last
    .type port_tls_last,@object
    .p2align 4
port_tls_last:
    .int32 1
    .size port_tls_last, 4

    .section .text.port_tls_last_at,"",@
    .globl port_tls_last_at
    .type port_tls_last_at,@function
port_tls_last_at:
    .functype port_tls_last_at () -> (i32)
    i32.const port_tls_last
    end_function

    .section .text.port_tls_last_offset,"",@
    .globl port_tls_last_offset
    .type port_tls_last_offset,@function
port_tls_last_offset:
    .functype port_tls_last_offset () -> (i32)
    i32.const port_tls_last@TLSREL
    end_function
#endif

# port_copy(to, from, n): memory.copy.
    .section .text.port_copy,"",@
    .globl port_copy
    .type port_copy,@function
port_copy:
    .functype port_copy (i32, i32, i32) -> ()
    local.get 0
    local.get 1
    local.get 2
    memory.copy 0, 0
    end_function
