// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IHomeFees} from "../../../contracts/interfaces/IHomeFees.sol";
import {IMembershipRegistry as I} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {IRelayedMemberships} from "../../../contracts/interfaces/IRelayedMemberships.sol";
import {ISlashing} from "../../../contracts/interfaces/ISlashing.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {Receiver} from "../support/HostileTokens.sol";
import {Intrusion} from "../support/Intrusion.sol";
import {MembershipFixture} from "../support/MembershipFixture.sol";

/// While MembershipRegistry moves tokens, no call of it that does can be entered. Attack 21 of the list in docs/contracts.md.
contract MembershipReentrancyTest is MembershipFixture, Intrusion {
    uint40 private constant DEADLINE = type(uint40).max;
    uint16 private constant LIMIT = 100;
    uint256 private constant ALL_FEES = LIMIT * uint256(FEE);
    uint256 private constant ALL_DEPOSITS = LIMIT * uint256(DEPOSIT);
    int256 private constant FEES = int256(ALL_FEES);
    int256 private constant DEPOSITS = int256(ALL_DEPOSITS);

    function setUp() public override {
        super.setUp();
        useHooks();
        doors = [
            I.register.selector,
            I.registerMany.selector,
            IRelayedMemberships.registerFor.selector,
            I.renew.selector,
            IRelayedMemberships.renewFor.selector,
            I.withdraw.selector,
            IHomeFees.claimFees.selector,
            IHomeFees.claimOwed.selector,
            ISlashing.slash.selector,
            ITokenCustody.claim.selector
        ];
    }

    /// @dev The intruder does it.
    function does(bytes memory call) private {
        lurk(address(registry));
        evil.act(address(registry), call);
    }

    /// @dev The registry is shut, and holds so much.
    function holds(uint256 amount) private view {
        shut();
        eq(token.balanceOf(address(registry)), amount, "held");
    }

    /// @dev A member whose home pays out to the intruder, at the end of its term.
    function earned() private returns (uint256 id) {
        uint32 home = operatorWithStake(bob, bob, address(evil));
        id = joinAt(SECRET, LIMIT, alice, home);
        skip(TERM);
        lurk(address(registry));
    }

    function test_attack21_reentrancyOfWhoRegisters() public {
        does(abi.encodeCall(I.register, (1, LIMIT, bob, 0, ANY_PRICE)));
        holds(ALL_FEES + ALL_DEPOSITS);
        I.Registration[] memory many = new I.Registration[](1);
        many[0] = registration(2, LIMIT, bob, 0);
        does(abi.encodeCall(I.registerMany, (many, ANY_PRICE)));
        holds(2 * (ALL_FEES + ALL_DEPOSITS));
        lurk(address(registry));
        registry.registerFor(registration(3, LIMIT, bob, 0), ANY_PRICE, address(evil), DEADLINE, "");
        holds(3 * (ALL_FEES + ALL_DEPOSITS));
        gained(-3 * (FEES + DEPOSITS));
        eq(registry.memberCount(), 3, "three members");
    }

    function test_attack21_reentrancyOfWhoRenews() public {
        uint256 id = join(SECRET, LIMIT, alice);
        does(abi.encodeCall(I.renew, (id, alice, ANY_PRICE)));
        holds(2 * ALL_FEES + ALL_DEPOSITS);
        lurk(address(registry));
        registry.renewFor(id, alice, ANY_PRICE, address(evil), DEADLINE, "");
        holds(3 * ALL_FEES + ALL_DEPOSITS);
        gained(-2 * FEES);
    }

    function test_attack21_reentrancyOfAHolderThatWithdraws() public {
        uint256 id = commitmentOf(SECRET);
        vm.prank(alice);
        registry.register(id, LIMIT, address(evil), 0, ANY_PRICE);
        does(abi.encodeCall(I.exit, (id)));
        skip(EXIT_DELAY);
        registry.withdraw(id, address(evil));
        holds(ALL_FEES);
        gained(DEPOSITS);
    }

    function test_attack21_reentrancyOfAPayeeOfFees() public {
        registry.claimFees(list(earned(), alice));
        holds(ALL_DEPOSITS);
        gained((FEES * 9) / 10);
    }

    function test_attack21_reentrancyOfAPayeeOfWhatIsOwed() public {
        setHome(earned(), alice, 0);
        registry.claimOwed(1);
        holds(ALL_DEPOSITS);
        gained((FEES * 9) / 10);
    }

    function test_attack21_reentrancyOfASlasher() public {
        uint256 id = join(SECRET, LIMIT, alice);
        commitAndWait(address(evil), SECRET, SALT);
        does(abi.encodeCall(ISlashing.slash, (SECRET, alice, SALT)));
        holds(ALL_FEES);
        gained(DEPOSITS / 2);
        eq(uint8(registry.member(id, alice).state), uint8(I.State.Slashed), "slashed");
    }

    function test_attack21_reentrancyOfAClaim() public {
        uint256 id = earned();
        evil.setMood(Receiver.Mood.Reverting);
        registry.claimFees(list(id, alice));
        evil.setMood(Receiver.Mood.Quiet);
        registry.claim(address(evil));
        holds(ALL_DEPOSITS);
        gained((FEES * 9) / 10);
    }
}
