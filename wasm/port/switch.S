# switch.S: the part of an instance that belongs to one thread: current goroutine, current M, and the C stack
# pointer with its limit.
#
# Globals of a wasm instance are per worker, cost one instruction, and no compiler may keep their value over a call:
# what _Thread_local cannot promise once goroutines change threads.
#
# link.awk rewrites every store to __stack_pointer, except in the functions of this file, into a call of gr_sp_down,
# gr_sp_far or gr_sp_up (which wasm-opt inlines). So no C function gets a frame outside the segment in use
# (stacks.c).

    .globaltype __stack_pointer, i32

    .globaltype gr_g, i32           # goroutine running here, 0: the M's own stack
gr_g:
    .globaltype gr_m, i32           # M this thread is
gr_m:
    .globaltype gr_stack_lo, i32    # lowest C stack pointer allowed, 0: no limit (M's own stack)
gr_stack_lo:
    .globaltype gr_stack_size, i32  # from there to the highest; link.awk lets it begin with all ones: no limit
gr_stack_size:
    .globaltype gr_m_sp, i32        # the M's own C stack pointer while a goroutine runs here, 0: none has run yet
gr_m_sp:
    .globaltype rt_away, i32        # 1: this thread runs no goroutine that may call the runtime; so it begins
rt_away:

    .functype gr_stack_more (i32, i32, i32) -> (i32)
    .functype gr_stack_less (i32) -> (i32)

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

    .section .text.gr_get_sp,"",@
    .globl gr_get_sp
    .type gr_get_sp,@function
gr_get_sp:
    .functype gr_get_sp () -> (i32)
    global.get __stack_pointer
    end_function

# gr_set_sp(sp, lo, size): onto another C stack.
    .section .text.gr_set_sp,"",@
    .globl gr_set_sp
    .type gr_set_sp,@function
gr_set_sp:
    .functype gr_set_sp (i32, i32, i32) -> ()
    local.get 1
    global.set gr_stack_lo
    local.get 2
    global.set gr_stack_size
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
    global.set gr_stack_lo
    i32.const -1
    global.set gr_stack_size
    global.get gr_m_sp
    i32.eqz
    br_if 0
    global.get gr_m_sp
    global.set __stack_pointer
    end_function

# gr_use_stack(ctx): onto the stack as port_ctx has it, {stack_lo, stack_hi, sp}.
    .section .text.gr_use_stack,"",@
    .globl gr_use_stack
    .type gr_use_stack,@function
gr_use_stack:
    .functype gr_use_stack (i32) -> ()
    local.get 0
    i32.load 0
    global.set gr_stack_lo
    local.get 0
    i32.load 4
    local.get 0
    i32.load 0
    i32.sub
    global.set gr_stack_size
    local.get 0
    i32.load 8
    global.set __stack_pointer
    end_function

# Exported, so that wasm-opt does not inline it.
# gr_stack_grow(sp, align): a frame at sp does not fit. Where it is instead. From the M's stack, as all that is done
# there.
    .section .text.gr_stack_grow,"",@
    .globl gr_stack_grow
    .type gr_stack_grow,@function
gr_stack_grow:
    .functype gr_stack_grow (i32, i32) -> (i32)
    local.get 0
    local.get 1
    global.get __stack_pointer
    call gr_to_m_stack
    call gr_stack_more
    call gr_use_stack
    global.get __stack_pointer
    end_function
    .export_name gr_stack_grow, gr_stack_grow
    .no_dead_strip gr_stack_grow

# gr_stack_shrink(sp): back to sp, in another segment.
    .section .text.gr_stack_shrink,"",@
    .globl gr_stack_shrink
    .type gr_stack_shrink,@function
gr_stack_shrink:
    .functype gr_stack_shrink (i32) -> ()
    local.get 0
    call gr_to_m_stack
    call gr_stack_less
    call gr_use_stack
    end_function
    .export_name gr_stack_shrink, gr_stack_shrink
    .no_dead_strip gr_stack_shrink

# gr_sp_down(sp): a function begins and wants a frame of less than 64 KiB at sp (so sp cannot have wrapped). Where
# it is.
    .section .text.gr_sp_down,"",@
    .globl gr_sp_down
    .type gr_sp_down,@function
gr_sp_down:
    .functype gr_sp_down (i32) -> (i32)
    block
    local.get 0
    global.get gr_stack_lo
    i32.ge_u
    br_if 0
    local.get 0
    i32.const 16
    call gr_stack_grow
    return
    end_block
    local.get 0
    global.set __stack_pointer
    local.get 0
    end_function
    .export_name gr_sp_down, gr_sp_down
    .no_dead_strip gr_sp_down

# gr_sp_far(sp): the same for frames of any size and alignment, among them those of a size only known here.
    .section .text.gr_sp_far,"",@
    .globl gr_sp_far
    .type gr_sp_far,@function
gr_sp_far:
    .functype gr_sp_far (i32) -> (i32)
    block
    local.get 0
    global.get gr_stack_lo
    i32.sub
    global.get gr_stack_size
    i32.le_u
    br_if 0
    local.get 0
    local.get 0
    i32.const 0
    local.get 0
    i32.sub
    i32.and
    call gr_stack_grow
    return
    end_block
    local.get 0
    global.set __stack_pointer
    local.get 0
    end_function
    .export_name gr_sp_far, gr_sp_far
    .no_dead_strip gr_sp_far

# gr_sp_up(sp): a function returns, or what it allocated on the stack goes.
    .section .text.gr_sp_up,"",@
    .globl gr_sp_up
    .type gr_sp_up,@function
gr_sp_up:
    .functype gr_sp_up (i32) -> ()
    block
    local.get 0
    global.get gr_stack_lo
    i32.sub
    global.get gr_stack_size
    i32.le_u
    br_if 0
    local.get 0
    call gr_stack_shrink
    return
    end_block
    local.get 0
    global.set __stack_pointer
    end_function
    .export_name gr_sp_up, gr_sp_up
    .no_dead_strip gr_sp_up

# gr_tls_base(): where the thread-local variables of the running goroutine are, as compilers understand it: link.awk
# puts a call of this in the place of __tls_base, which is the worker's. On an M's own stack they are the worker's
# (tls.c).
    .globaltype __tls_base, i32
    .functype gr_tls_new () -> (i32)
    .section .text.gr_tls_base,"",@
    .globl gr_tls_base
    .type gr_tls_base,@function
gr_tls_base:
    .functype gr_tls_base () -> (i32)
    .local i32
    block
    global.get gr_g
    i32.eqz
    br_if 0
    global.get gr_g
    i32.load 12
    local.tee 0
    i32.eqz
    br_if 0
    local.get 0
    return
    end_block
#ifdef __EMSCRIPTEN__
    block
    global.get gr_g
    br_if 0
    global.get __tls_base
    return
    end_block
#endif
    call gr_tls_new
    end_function
    .export_name gr_tls_base, gr_tls_base
    .no_dead_strip gr_tls_base

#ifdef __EMSCRIPTEN__
# gr_tls_fill(block): the variables as they are at first. The linker's function for it also makes them the worker's;
# that is undone.
    .functype __wasm_init_tls (i32) -> ()
    .section .text.gr_tls_fill,"",@
    .globl gr_tls_fill
    .type gr_tls_fill,@function
gr_tls_fill:
    .functype gr_tls_fill (i32) -> ()
    .local i32
    global.get __tls_base
    local.set 1
    local.get 0
    call __wasm_init_tls
    local.get 1
    global.set __tls_base
    end_function
#else
# The last thread-local variable of a program: the user's files come first. gr_tls_end_at(): where it is in memory;
# gr_tls_end_offset(): what compilers add to __tls_base for it.
    .section .tdata.gr_tls_end,"T",@
    .globl gr_tls_end
    .type gr_tls_end,@object
    .p2align 4
gr_tls_end:
    .int32 1
    .size gr_tls_end, 4

    .section .text.gr_tls_end_at,"",@
    .globl gr_tls_end_at
    .type gr_tls_end_at,@function
gr_tls_end_at:
    .functype gr_tls_end_at () -> (i32)
    i32.const gr_tls_end
    end_function

    .section .text.gr_tls_end_offset,"",@
    .globl gr_tls_end_offset
    .type gr_tls_end_offset,@function
gr_tls_end_offset:
    .functype gr_tls_end_offset () -> (i32)
    i32.const gr_tls_end@TLSREL
    end_function
#endif

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
