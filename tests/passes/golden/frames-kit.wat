;; before
(module
 (func $f (param $0 i32)
  (local $1 i32)
  (if
   (i32.eq
    (global.get $state)
    (i32.const 2)
   )
   (then
    (i32.store
     (global.get $data)
     (i32.sub
      (i32.load
       (global.get $data)
      )
      (i32.const 4)
     )
    )
    (local.set $0
     (i32.load
      (i32.load
       (global.get $data)
      )
     )
    )
   )
  )
  (local.set $1
   (block $block (result i32)
    (if
     (i32.eq
      (global.get $state)
      (i32.const 2)
     )
     (then
      (i32.store
       (global.get $data)
       (i32.sub
        (i32.load
         (global.get $data)
        )
        (i32.const 4)
       )
      )
      (local.set $1
       (i32.load
        (i32.load
         (global.get $data)
        )
       )
      )
     )
    )
    (call $use
     (i32.const 0)
    )
    (drop
     (br_if $block
      (i32.const 0)
      (i32.eq
       (global.get $state)
       (i32.const 1)
      )
     )
    )
    (call $use
     (i32.const 1)
    )
    (drop
     (br_if $block
      (i32.const 1)
      (i32.eq
       (global.get $state)
       (i32.const 1)
      )
     )
    )
    (return)
   )
  )
  (i32.store
   (i32.load
    (global.get $data)
   )
   (local.get $1)
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
  (i32.store
   (i32.load
    (global.get $data)
   )
   (local.get $0)
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
 )
 (func $g (param $0 i32)
  (local $1 i32)
  (if
   (i32.eq
    (global.get $state)
    (i32.const 2)
   )
   (then
    (i32.store
     (global.get $data)
     (i32.sub
      (i32.load
       (global.get $data)
      )
      (i32.const 4)
     )
    )
    (local.set $0
     (i32.load
      (i32.load
       (global.get $data)
      )
     )
    )
   )
  )
  (local.set $1
   (block $block (result i32)
    (if
     (i32.eq
      (global.get $state)
      (i32.const 2)
     )
     (then
      (i32.store
       (global.get $data)
       (i32.sub
        (i32.load
         (global.get $data)
        )
        (i32.const 4)
       )
      )
      (local.set $1
       (i32.load
        (i32.load
         (global.get $data)
        )
       )
      )
     )
    )
    (call $use
     (i32.const 0)
    )
    (drop
     (br_if $block
      (i32.const 0)
      (i32.eq
       (global.get $state)
       (i32.const 1)
      )
     )
    )
    (return)
   )
  )
  (i32.store
   (i32.load
    (global.get $data)
   )
   (local.get $1)
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
  (i32.store
   (i32.load
    (global.get $data)
   )
   (local.get $0)
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
 )
)

;; after
(module
 (func $f (param $0 i32)
  (local $1 i32)
  (if
   (i32.eq
    (global.get $state)
    (i32.const 2)
   )
   (then
    (i32.store
     (global.get $data)
     (i32.sub
      (i32.load
       (global.get $data)
      )
      (i32.const 4)
     )
    )
    (local.set $0
     (i32.load
      (i32.load
       (global.get $data)
      )
     )
    )
   )
  )
  (local.set $1
   (block $block (result i32)
    (if
     (i32.eq
      (global.get $state)
      (i32.const 2)
     )
     (then
      (i32.store
       (global.get $data)
       (i32.sub
        (i32.load
         (global.get $data)
        )
        (i32.const 4)
       )
      )
      (local.set $1
       (i32.load8_u
        (i32.load
         (global.get $data)
        )
       )
      )
     )
    )
    (call $use
     (i32.const 0)
    )
    (drop
     (br_if $block
      (i32.const 0)
      (i32.eq
       (global.get $state)
       (i32.const 1)
      )
     )
    )
    (call $use
     (i32.const 1)
    )
    (drop
     (br_if $block
      (i32.const 1)
      (i32.eq
       (global.get $state)
       (i32.const 1)
      )
     )
    )
    (return)
   )
  )
  (i32.store
   (i32.load
    (global.get $data)
   )
   (i32.add
    (local.get $1)
    (i32.const -8388608)
   )
  )
  (call $port_save
   (i32.const 8)
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
  (i32.store
   (i32.load
    (global.get $data)
   )
   (local.get $0)
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
 )
 (func $g (param $0 i32)
  (local $1 i32)
  (if
   (i32.eq
    (global.get $state)
    (i32.const 2)
   )
   (then
    (i32.store
     (global.get $data)
     (i32.sub
      (i32.load
       (global.get $data)
      )
      (i32.const 4)
     )
    )
    (local.set $0
     (i32.load
      (i32.load
       (global.get $data)
      )
     )
    )
   )
  )
  (local.set $1
   (block $block (result i32)
    (if
     (i32.eq
      (global.get $state)
      (i32.const 2)
     )
     (then
      (i32.store
       (global.get $data)
       (i32.sub
        (i32.load
         (global.get $data)
        )
        (i32.const 4)
       )
      )
      (local.set $1
       (i32.load8_u
        (i32.load
         (global.get $data)
        )
       )
      )
     )
    )
    (call $use
     (i32.const 0)
    )
    (drop
     (br_if $block
      (i32.const 0)
      (i32.eq
       (global.get $state)
       (i32.const 1)
      )
     )
    )
    (return)
   )
  )
  (i32.store
   (i32.load
    (global.get $data)
   )
   (i32.add
    (local.get $1)
    (i32.const -8388608)
   )
  )
  (call $port_save
   (i32.const 8)
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
  (i32.store
   (i32.load
    (global.get $data)
   )
   (local.get $0)
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
 )
)

