;; before
(module
 (func $f
  (local $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i32)
  (local.set $3
   (global.get $__stack_pointer)
  )
  (global.set $__stack_pointer
   (local.tee $2
    (local.tee $1
     (i32.and
      (i32.sub
       (local.get $3)
       (i32.const 64)
      )
      (i32.const -64)
     )
    )
   )
  )
  (local.set $0
   (i32.const -64)
  )
  (global.set $__stack_pointer
   (local.tee $1
    (i32.and
     (local.get $0)
     (i32.add
      (local.get $1)
      (local.get $0)
     )
    )
   )
  )
  (call $use
   (local.get $1)
  )
  (global.set $__stack_pointer
   (local.get $3)
  )
 )
)

;; after
(module
 (func $f
  (local $0 i32)
  (local $1 i32)
  (local $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local.set $3
   (global.get $__stack_pointer)
  )
  (drop
   (local.tee $2
    (local.tee $1
     (call $port_sp_far
      (i32.and
       (i32.sub
        (local.get $3)
        (i32.const 64)
       )
       (i32.const -64)
      )
     )
    )
   )
  )
  (local.set $0
   (i32.const -64)
  )
  (drop
   (local.tee $1
    (call $port_sp_far
     (i32.and
      (local.get $0)
      (i32.add
       (local.get $1)
       (local.get $0)
      )
     )
    )
   )
  )
  (call $use
   (local.get $1)
  )
  (if
   (i32.gt_u
    (i32.sub
     (local.tee $4
      (local.get $3)
     )
     (global.get $port_stack_lo)
    )
    (global.get $port_stack_size)
   )
   (then
    (call $port_stack_shrink
     (local.get $4)
    )
   )
   (else
    (global.set $__stack_pointer
     (local.get $4)
    )
   )
  )
 )
)

